/** Accounts in a users table that was there before: latchkey reads and writes it, and keeps its own tables beside it. */
import { createServer } from 'node:http'
import { createAuth } from 'latchkey'
import { toNode } from 'latchkey/http'
import { sqlStore } from 'latchkey/sql'

const port = Number(process.env.PORT ?? 3000)

const store = sqlStore(process.env.DATABASE_URL ?? 'postgres://postgres@localhost:5432/shop', {
  users: {
    table: 'users',
    columns: {
      id: 'user_id',
      email: 'email',
      passwordHash: 'password_hash',
      firstName: { column: 'first_name', ifNull: '' }, // these two columns are NOT NULL
      lastName: { column: 'last_name', ifNull: '' },
      createdAt: 'created_at',
    },
  },
})

const auth = createAuth({
  baseUrl: `http://localhost:${port}`,
  store,
  secret: process.env.LATCHKEY_SECRET ?? '', // stays the same, or everybody is signed out
})
await auth.ready() // says at once what is wrong with the table

createServer(toNode(auth)).listen(port, () => console.log(`listening on http://localhost:${port}`))
