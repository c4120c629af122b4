/** The app of the cookie service: GET /questions/topics for whoever holds an access token, in the words of that service. */
import { createServer } from 'node:http'
import { createAuth } from 'latchkey'
import { route, toNode } from 'latchkey/http'
import { openStore, readSettings } from 'latchkey/server'
import { topicsOf } from '../topics/topics.js'

/** Those of the service, from the environment and .env. */
const settings = readSettings({ overrides: { AUTH_PROFILE: 'cookie' } })
const auth = createAuth({ ...settings.auth, store: openStore(settings) })

/** Whoever may not ask is refused as by the routes of the service itself. */
const topics = route({
  method: 'GET',
  path: '/questions/topics',
  summary: 'Question topics',
  tag: 'Host',
  access: 'bearer',
  answers: { 200: 'Raw', 401: ['missing_token', 'invalid_token'] },
  handle: async ({ signedIn: { user } }) => ({
    contentType: 'application/json',
    body: JSON.stringify({ topics: topicsOf(user.id) }),
  }),
})

const { host, port } = settings
createServer(toNode(auth, { routes: [topics] })).listen(port, host, () =>
  console.log(`listening on http://localhost:${port}`),
)
