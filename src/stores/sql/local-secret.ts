import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** The secret of a database file: in a file of its own beside it, so that a copy of the database alone is worth little. */
export const localSecret = (databaseFile: string): string => {
  const file = `${databaseFile.replace(/\.(?:db|sqlite3?)$/, '')}.key`
  return readSecret(file) ?? makeSecret(file)
}

const readSecret = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Of several processes that start at once, all end up with the secret of the first. */
const makeSecret = (file: string): string => {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  return readSecret(file) ?? ''
}
