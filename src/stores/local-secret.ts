import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ConfigurationError } from '../errors.js'

/** The secret kept in a file of its own, apart from the database, so that a copy of that alone is worth little. */
export const localSecret = (file: string): string => {
  try {
    const secret = readSecret(file) ?? makeSecret(file)
    if (secret.length >= leastCharacters) return secret
  } catch (error) {
    throw unusable(`cannot be used (${error instanceof Error ? error.message : 'unknown reason'})`)
  }
  throw unusable(
    `${file} holds no secret, perhaps since a disk was full. Bring the file back from a copy; if nobody has signed in yet, remove it and a new one is made`,
  )
}

/** 32 bytes in base64url. An empty file must never become an empty secret. */
const leastCharacters = 43

const unusable = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'secret', detail: `the key file ${detail}` }])

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
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeSafely(draft, `${randomBytes(32).toString('base64url')}\n`)
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  return readSecret(file) ?? ''
}

/** On the disk before anybody seals with it: a power cut must not leave an empty file behind. */
const writeSafely = (file: string, text: string): void => {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
