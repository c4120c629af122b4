/** A small app with routes for signed-in users only: GET and POST /questions/topics. */
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { AuthError, createAuth } from 'latchkey'
import { signedInFrom, toNode } from 'latchkey/http'
import { sqlStore } from 'latchkey/sql'
import { addTopic, topicsOf } from './topics.js'

const port = Number(process.env.PORT ?? 3000)
const auth = createAuth({
  name: 'topics',
  baseUrl: `http://localhost:${port}`,
  store: sqlStore('sqlite:./data/topics.db'),
})

/** Everything mounted behind this knows who is asking. */
const requireUser: RequestHandler = async (request, response, next) => {
  const { user } = await signedInFrom(auth, request.headers.authorization)
  response.locals.userId = user.id
  next()
}

const questions = express.Router()
questions.use(requireUser)
questions.get('/topics', (_request, response) => {
  response.json({ topics: topicsOf(response.locals.userId) })
})
questions.post('/topics', express.json(), (request, response) => {
  const topic: unknown = request.body?.topic
  if (typeof topic !== 'string' || topic === '') {
    response.status(422).json({ detail: 'A topic is a piece of text' })
    return
  }
  response.status(201).json({ topics: addTopic(response.locals.userId, topic) })
})

const refusals: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof AuthError)) return next(error)
  if (error.status === 401) response.set('WWW-Authenticate', 'Bearer')
  response.status(error.status).json({ code: error.code, detail: error.message })
}

const app = express()
app.use(toNode(auth))
app.use('/questions', questions)
app.use(refusals)
app.listen(port, () => console.log(`listening on http://localhost:${port}`))
