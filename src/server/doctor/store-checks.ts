import { accessSync, constants, existsSync } from 'node:fs'
import { keyState } from '../../features/tokens/key-states.js'
import { canOpen } from '../../features/tokens/keys.js'
import { systemClock } from '../../lib/clock.js'
import { createSeal } from '../../lib/seal.js'
import type { Place, Store } from '../../stores/store.js'
import { secretFileIn } from '../root-secret-file.js'
import { type Check, type Finding, ok, type Patient, problem, warning } from './check.js'
import { nearestFolder } from './machine-checks.js'

/** The store: whether it answers, can be written, fits this version, and opens with the secret we have. */
export const storeChecks: readonly Check[] = [
  {
    name: 'store',
    run: async ({ store, databaseFile }) => {
      if (store === undefined) return withoutStore(databaseFile)
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
    run: async ({ store }) => {
      const concerns = (await store?.concerns()) ?? []
      if (concerns.length === 0) return ok('none')
      return concerns.map(({ concern, remedy }) => warning(concern, remedy))
    },
  },
  {
    name: 'migrations',
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
  if (databaseFile === undefined)
    return warning(
      'memory: everything is gone when the server ends',
      'Set DATABASE_URL to sqlite: and a path',
    )
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
  return ok(`${keys.length}, all open; the one that signs has done so for ${days} days`)
}
