/** Accounts, logins and sessions as function calls: no HTTP, no server. */
import { AuthError, createAuth } from 'latchkey'
import { sqlStore } from 'latchkey/sql'

const auth = createAuth({
  name: 'embed example',
  store: sqlStore('sqlite:./data/embed.db'),
  tokens: { claims: (user) => ({ plan: user.email?.endsWith('@example.com') ? 'team' : 'free' }) },
  onEvent: ({ type, outcome }) => console.log(`  event: ${type} (${outcome})`),
})

// whoever is behind the call, as far as you know: it is kept with sessions and events
const caller = { address: '192.0.2.1', userAgent: 'embed example' }
const email = `grace-${Date.now()}@example.com`

const registered = await auth.register({ email, password: 'correct horse battery' }, caller)
console.log('registered', registered.user?.email)

const grant = await auth.login({ email, password: 'correct horse battery' }, caller)
const [, payload = ''] = grant.accessToken.split('.')
console.log('claims', JSON.parse(Buffer.from(payload, 'base64url').toString()))

const next = await auth.refresh(grant.refreshToken, caller)
const { user, session } = await auth.authenticate(next.accessToken)
console.log('signed in', user.email, 'with', (await auth.sessions.list(user.id)).length, 'sessions')

await auth.changePassword(
  { user, sessionId: session.id },
  { current: 'correct horse battery', next: 'staple that to the wall' },
  caller,
)
console.log('changed the password; sessions left:', (await auth.sessions.list(user.id)).length)

try {
  await auth.login({ email, password: 'correct horse battery' }, caller)
} catch (error) {
  if (!(error instanceof AuthError)) throw error
  console.log('refused', error.code)
}
await auth.close()
