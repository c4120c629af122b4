import { accessSync, constants, existsSync } from 'node:fs'
import { keyState } from '../../features/tokens/key-states.js'
import { canOpen } from '../../features/tokens/keys.js'
import { systemClock } from '../../lib/clock.js'
import { createSeal } from '../../lib/seal.js'
import { readOptionsWithoutStore } from '../../options.js'
import type { Place, Store } from '../../stores/store.js'
import { secretFileIn } from '../root-secret-file.js'
import {
  type Check,
  type Finding,
  ok,
  type Patient,
  problem,
  startWarnings,
  unless,
  warning,
} from './check.js'
import { nearestFolder } from './machine-checks.js'

/** The store: whether it answers, can be written, fits this version, and opens with the secret we have. */
export const storeChecks: readonly Check[] = [
  {
    name: 'store',
    looksAt: 'whether the store answers and can be written',
    mend: 'Start it, correct DATABASE_URL or REDIS_URL, give its user the rights, make room',
    run: async (patient) => {
      const { store, databaseFile } = patient
      if (store === undefined)
        return unless(startWarnings(patient, 'store'), withoutStore(databaseFile))
      const places = await Promise.all(store.places.map(placeFinding))
      if (places.some(({ status }) => status === 'problem')) return places
      const fault = await writeFault(store)
      return fault === undefined
        ? places.with(0, ok(`${store.name}, can be read and written`))
        : problem(
            `${store.name} cannot be written (${fault})`,
            'Check the permissions of the file and its folder, and the space on the disk',
          )
    },
  },
  {
    name: 'concerns',
    looksAt:
      'what the store says of itself: TLS on the way, indexes that are gone, collations that take two names for one, Redis that forgets',
    mend: 'Run the statement that it names in the database, or set what it names',
    run: async ({ store }) => {
      const concerns = (await store?.concerns()) ?? []
      return unless(
        concerns.map(({ concern, remedy, isGrave }) =>
          (isGrave ? problem : warning)(concern, remedy),
        ),
        'none',
      )
    },
  },
  {
    name: 'store rights',
    looksAt: 'whether this user may make the tables of the next version',
    mend: 'Grant the right to create tables, or run migrations as another user: latchkey migrate --sql',
    run: async ({ store }) => {
      if (store?.mayMigrate === undefined || (await store.mayMigrate()))
        return ok('enough for migrations, as far as can be asked')
      const isBehind = (await store.pendingMigrations()).length > 0
      const detail = `the user of DATABASE_URL may not make tables, which ${isBehind ? 'the migrations that wait' : 'a later version may'} need`
      const remedy =
        'Let them: grant create, usage on schema public to <user> (CREATE on MySQL, CREATE TABLE on SQL Server); or run latchkey migrate --sql as the owner'
      return (isBehind ? problem : warning)(detail, remedy)
    },
  },
  {
    name: 'migrations',
    looksAt: 'whether the database is of this version',
    mend: 'latchkey migrate',
    run: async ({ store }) => {
      if (store === undefined) return ok('nothing to bring up to date yet')
      const pending = await store.pendingMigrations()
      return pending.length === 0
        ? ok('the database is up to date')
        : warning(`these have not run: ${pending.join(', ')}`, 'latchkey migrate')
    },
  },
  {
    name: 'signing keys',
    looksAt: 'whether the keys open with the root secret, one signs, and how old it is',
    mend: 'Set LATCHKEY_SECRET to the secret they were sealed with; latchkey keys rotate',
    run: async (patient) => {
      const { settings, store } = patient
      if (settings.auth.tokens?.secret) return ok('HS256 with JWT_SECRET_KEY; there are none')
      if (store === undefined || (await store.pendingMigrations()).length > 0)
        return ok('will be made at the first start')
      return keysFinding(patient, store)
    },
  },
]

const withoutStore = (databaseFile: string | undefined): Finding => {
  if (databaseFile === undefined) return ok('see above')
  if (existsSync(databaseFile)) return ok('see above')
  const folder = nearestFolder(databaseFile)
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return ok(`${databaseFile} will be made at the first start`)
  } catch {
    return problem(
      `${databaseFile} cannot be made: this user may not write in ${folder}`,
      'Let this user write there, or set DATABASE_URL to another place',
    )
  }
}

const placeFinding = async ({ name, ping, isOptional }: Place): Promise<Finding> => {
  try {
    await ping()
    return ok(`${name} answers`)
  } catch (error) {
    const remedy = `Start it, or correct ${name === 'redis' ? 'REDIS_URL' : 'DATABASE_URL'}`
    const finding = isOptional ? warning : problem
    return finding(`${name} does not answer (${reasonOf(error)})`, remedy)
  }
}

class NotMeant extends Error {}

/** Writes for real and takes it back before anybody sees it. */
const writeFault = async (store: Store): Promise<string | undefined> => {
  if ((await store.pendingMigrations()).length > 0) return undefined
  const now = systemClock()
  try {
    await store.transaction(async ({ users }) => {
      await users.setActive('00000000-0000-0000-0000-000000000000', true, now)
      throw new NotMeant()
    })
  } catch (error) {
    if (error instanceof NotMeant) return undefined
    return reasonOf(error)
  }
  return undefined
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : 'unknown reason'
}

/** The server looks once in a while, and the new key is public before it signs. */
const overdueDays = 2

const keysFinding = async ({ settings }: Patient, store: Store): Promise<Finding> => {
  const now = systemClock()
  const keys = await store.keys.list()
  if (keys.length === 0) return ok('will be made at the first start')
  const secretFile = secretFileIn(settings)
  if (secretFile !== undefined && !existsSync(secretFile))
    return problem('the secret that opens them is missing', `Bring ${secretFile} back from a copy`)
  const secret = settings.auth.secret ?? store.localSecret?.()
  const seal = secret && createSeal([secret, ...(settings.auth.previousSecrets ?? [])])
  const closed = keys.filter((key) => !seal || !canOpen(key, seal))
  if (closed.length > 0) {
    return problem(
      `${closed.length} of ${keys.length} cannot be opened with the root secret that is set`,
      'Set LATCHKEY_SECRET to the secret they were sealed with, or add that one as LATCHKEY_PREVIOUS_SECRET',
    )
  }
  const active = keys.find((key) => keyState(key, keys, now) === 'active')
  if (active === undefined)
    return problem('none of them signs yet: all start in the future', 'Set the clock')
  const days = Math.floor((now.getTime() - active.activatesAt.getTime()) / 86_400_000)
  const { rotateKeys } = readOptionsWithoutStore(settings.auth).tokens
  if (days > rotateKeys / 86_400 + overdueDays && keys.at(-1) === active) {
    return warning(
      `the key that signs has done so for ${days} days, and was to be replaced after ${rotateKeys / 86_400}: the server replaces it only while it runs`,
      'latchkey keys rotate',
    )
  }
  return ok(`${keys.length}, all open; the one that signs has done so for ${days} days`)
}
