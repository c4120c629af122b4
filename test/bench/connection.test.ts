import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { getRequest, openConnection } from '../../bench/client/connection.js'

test('the generator reads answers with a length, in chunks, and with nothing in them', async () => {
  const server = createServer(async (request, response) => {
    if (request.url === '/empty') {
      response.writeHead(204).end()
      return
    }
    if (request.url === '/length') {
      response.end('{"a":1}')
      return
    }
    response.write('{"a":"')
    await new Promise(setImmediate)
    response.write('x'.repeat(40_000))
    response.end('"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connection = await openConnection(port)
  onTestFinished(() => connection.close())

  expect(await connection.ask(getRequest('/chunks'))).toEqual({
    status: 200,
    body: `{"a":"${'x'.repeat(40_000)}"}`,
  })
  expect(await connection.ask(getRequest('/length'))).toEqual({ status: 200, body: '{"a":1}' })
  expect(await connection.ask(getRequest('/empty'))).toEqual({ status: 204, body: '' })
})
