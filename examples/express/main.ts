/** latchkey in an Express app: its routes beside the app's own, one of them for signed-in users only. */
import express, { type ErrorRequestHandler } from 'express'
import { AuthError, createAuth } from 'latchkey'
import { signedInFrom, toNode } from 'latchkey/http'
import { sqlStore } from 'latchkey/sql'

const port = Number(process.env.PORT ?? 3000)
const auth = createAuth({
  baseUrl: `http://localhost:${port}`,
  store: sqlStore('sqlite:./data/express.db'),
})

const app = express()
app.use(toNode(auth, { serviceRoutes: false })) // /auth/…; / and /health stay with the app
app.use(express.json()) // behind latchkey, which reads its own bodies

app.get('/', (_request, response) => {
  response.send('An app of its own')
})

app.get('/hello', async (request, response) => {
  const { user } = await signedInFrom(auth, request.headers.authorization)
  response.json({ hello: user.email })
})

const refusals: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof AuthError)) return next(error)
  if (error.status === 401) response.set('WWW-Authenticate', 'Bearer')
  response.status(error.status).json({ code: error.code, detail: error.message })
}
app.use(refusals)

app.listen(port, () => console.log(`listening on http://localhost:${port}`))
