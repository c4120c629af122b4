// The ceiling, R: what node:http itself can answer on one core, saying hello and nothing else.
import { createServer } from 'node:http'

const body = '{"hello":"world"}'
const headers = [
  ...['content-type', 'application/json; charset=utf-8'],
  ...['content-length', String(body.length)],
]

createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
}).listen(Number(process.env.PORT), '127.0.0.1')
