/** latchkey as a Fastify plugin, under a prefix, beside a route for signed-in users only. */
import createFastify from 'fastify'
import { createAuth } from 'latchkey'
import { latchkey } from 'latchkey/fastify'
import { signedInFrom } from 'latchkey/http'
import { sqlStore } from 'latchkey/sql'

const port = Number(process.env.PORT ?? 3000)
const auth = createAuth({
  baseUrl: `http://localhost:${port}/id`,
  store: sqlStore('sqlite:./data/fastify.db'),
})

const fastify = createFastify()
fastify.register(latchkey, { auth, prefix: '/id' }) // /id/auth/login, …
fastify.addHook('onClose', () => auth.close())

// A refusal has a status, a code and a sentence: Fastify answers with them by itself.
fastify.get('/hello', async ({ headers }) => {
  const { user } = await signedInFrom(auth, headers.authorization)
  return { hello: user.email }
})

await fastify.listen({ port })
console.log(`listening on http://localhost:${port}`)
