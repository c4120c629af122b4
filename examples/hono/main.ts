/** latchkey as a fetch handler in Hono; the same handler serves Next, Bun and Deno. */
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { AuthError, createAuth } from 'latchkey'
import { signedInFrom, toFetch } from 'latchkey/http'
import { sqlStore } from 'latchkey/sql'

const port = Number(process.env.PORT ?? 3000)
const auth = createAuth({
  baseUrl: `http://localhost:${port}`,
  store: sqlStore('sqlite:./data/hono.db'),
})

const app = new Hono()
app.get('/hello', async (context) => {
  const { user } = await signedInFrom(auth, context.req.header('Authorization'))
  return context.json({ hello: user.email })
})

app.onError((error) => {
  if (error instanceof AuthError) {
    const headers = error.status === 401 ? { 'www-authenticate': 'Bearer' } : {}
    const { code, status, message: detail } = error
    return Response.json({ code, detail }, { status, headers })
  }
  console.error(error)
  return new Response('Something went wrong', { status: 500 })
})

// everything that no route above has taken; a Request has no address, so it is passed beside it
app.mount('/', toFetch(auth), {
  optionHandler: (context) => ({ address: getConnInfo(context).remote.address }),
})

serve({ fetch: app.fetch, port }, () => console.log(`listening on http://localhost:${port}`))
