import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createWaitingLine } from '../lib/waiting-line.js'
import { holdRequests } from './held-requests.js'

test('requests that come early wait, no more of them than may, and are served in their order', async () => {
  const server = createServer()
  const line = createWaitingLine({ name: 'starting', option: 'MAX_CONNECTIONS', most: 2 })
  const open = holdRequests(server, {
    line,
    refuse: (response) => void response.writeHead(503).end(),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  const early: ReturnType<typeof ask>[] = []
  for (const count of [1, 2]) {
    early.push(ask(`/${count}`))
    await expect.poll(line.waiting).toBe(count)
  }
  expect((await ask('/3')).status).toBe(503)

  const served: (string | undefined)[] = []
  open(({ url }, response) => {
    served.push(url)
    response.end()
  })
  expect((await Promise.all(early)).map(({ status }) => status)).toEqual([200, 200])
  expect((await ask('/4')).status).toBe(200)
  expect([served, line.waiting(), line.sentAway()]).toEqual([['/1', '/2', '/4'], 0, 1])
})
