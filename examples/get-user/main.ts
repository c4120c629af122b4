/** Users that live elsewhere: one function finds them, latchkey checks passwords and keeps the sessions. */
import { createServer } from 'node:http'
import { createAuth, type HostUser, usersFrom } from 'latchkey'
import { toNode } from 'latchkey/http'
import { memoryStore } from 'latchkey/memory'

const port = Number(process.env.PORT ?? 3000)

/** In place of your database. Hashes as argon2 or bcrypt libraries write them: here of 'secret' and of 'password'. */
const users: readonly HostUser[] = [
  {
    username: 'alice',
    role: 'admin',
    passwordHash:
      '$argon2id$v=19$m=19456,t=2,p=1$4AfVrR4midb5oGjl8i4m1w$wzsI84ThhyumsVz5eDJjGgX0bOJaQF/saZjQd4fipbI',
  },
  {
    username: 'bob',
    role: 'user',
    passwordHash: '$2b$12$.AfxSFc1BJPlKSWCNw.ICOfA.BS5l5oAUNxlBWc1iUoBzkVwqHN3u',
  },
]

/** Given a username, an e-mail address or an id; here all three are the username. */
const getUser = async (name: string): Promise<HostUser | undefined> =>
  users.find(({ username }) => username === name)

const auth = createAuth({
  baseUrl: `http://localhost:${port}`,
  store: memoryStore(), // sessions and keys
  users: usersFrom(getUser),
})

createServer(toNode(auth)).listen(port, () => console.log(`listening on http://localhost:${port}`))
