// better-auth with e-mail and password on SQLite, set up as its pages for Node, SQLite and production say: the
// recommended driver, https base URL (secure cookies), a secret, the rate limit that production turns on.
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import Database from 'better-sqlite3'

const { BETTER_AUTH_SECRET, DATABASE, PORT, SESSION } = process.env

const sessions = {
  usual: {},
  // the session is written anew whenever it is asked for: what its pages call refreshing, each time instead of daily
  refreshing: { updateAge: 0 },
  // what its page on performance advises where a session that was ended may live on for five minutes
  cached: { cookieCache: { enabled: true, maxAge: 5 * 60 } },
}

const db = new Database(DATABASE)
db.pragma('journal_mode = WAL') // the advice of better-sqlite3's read-me

// all load comes from one address: it is counted, and never too much
const unlimited = { window: 60, max: 1_000_000_000 }

const auth = betterAuth({
  baseURL: 'https://id.example.com',
  secret: BETTER_AUTH_SECRET,
  database: db,
  emailAndPassword: { enabled: true },
  rateLimit: {
    ...unlimited,
    customRules: { '/sign-in/*': unlimited, '/sign-up/*': unlimited },
  },
  session: sessions[SESSION],
  advanced: { database: { joins: true } }, // the advice of its page on SQLite
})

const { runMigrations } = await getMigrations(auth.options)
await runMigrations()

const handle = toNodeHandler(auth)
createServer((request, response) => {
  if (request.url !== '/health') return handle(request, response)
  response.writeHead(200, { 'content-length': '2' }).end('ok')
}).listen(Number(PORT), '127.0.0.1')
