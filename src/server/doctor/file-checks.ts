import { existsSync, readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { dialectOf } from '../../profiles/dialects.js'
import { isSecret, variableOf } from '../dialect-names.js'
import { processEnvironment, type ServerSettings } from '../env.js'
import { secretFileIn } from '../root-secret-file.js'
import type { Variables } from '../variables.js'
import { type Check, type Finding, ok, problem, startWarnings, unless, warning } from './check.js'

/** Files that hold secrets: whoever else uses this machine must not read them. */
export const fileChecks: readonly Check[] = [
  {
    name: 'root secret',
    looksAt: 'where the root secret is, whether it is there, and whether others may read it',
    mend: 'Bring its file back from a copy, or set LATCHKEY_SECRET; chmod 600 its file',
    run: ({ settings, databaseFile }) => {
      const file = secretFileIn(settings)
      if (file === undefined) return ok(whereItIs(settings))
      if (existsSync(file)) {
        if (readFileSync(file, 'utf8').trim().length < leastCharacters)
          return problem(`${file} holds no secret`, `Bring ${file} back from a copy`)
        return privacyOf(file)
      }
      return databaseFile !== undefined && existsSync(databaseFile)
        ? problem(
            `${file} is missing, and the database was made with it`,
            `Bring ${file} back from a copy, or set LATCHKEY_SECRET to what it held`,
          )
        : ok(`${file} will be made at the first start`)
    },
  },
  {
    name: 'secret files',
    looksAt: 'whether others may read the files that settings such as JWT_SECRET_KEY_FILE name',
    mend: 'chmod 600 the file',
    run: ({ envFiles }) => {
      const inFiles = Object.assign({}, ...envFiles.filter(existsSync).map(variablesIn))
      const files = secretFilesOf({ ...inFiles, ...processEnvironment() })
      return files.length === 0 ? ok('none are named') : files.map(privacyOf)
    },
  },
  {
    name: 'secrets',
    looksAt: 'what stands on which secret: HS256, sample passwords, a secret beside the database',
    mend: 'Set LATCHKEY_SECRET to random bytes of its own; remove JWT_SECRET_KEY to use ES256',
    run: (patient) => unless(startWarnings(patient, 'secrets'), 'nothing against them'),
  },
  {
    name: 'database file',
    looksAt: 'whether others may read the database, where it is a file',
    mend: 'chmod 600 its file',
    run: ({ databaseFile }) => {
      if (databaseFile === undefined) return ok('there is none')
      if (!existsSync(databaseFile)) return ok(`${databaseFile} will be made at the first start`)
      return privacyOf(databaseFile)
    },
  },
  {
    name: 'settings file',
    looksAt: 'whether others may read the file of settings, where it holds secrets',
    mend: 'chmod 600 .env',
    run: ({ envFiles, settings }) => {
      const found = envFiles.filter(existsSync)
      if (found.length === 0) return ok(`there is no ${envFiles.join(', ')}`)
      const { settings: its } = dialectOf(settings.auth.profile)
      return found.map((file) =>
        Object.entries(variablesIn(file)).some(
          ([name, value]) => value && isSecret(variableOf(name, its) ?? ''),
        )
          ? privacyOf(file)
          : ok(`${file} holds no secrets`),
      )
    },
  },
]

const variablesIn = (file: string): Variables => parseEnv(readFileSync(file, 'utf8'))

const whereItIs = ({ auth, assumed }: ServerSettings): string => {
  if (assumed?.includes('root_secret')) return 'derived from the secret of the tokens'
  return auth.secret ? 'set as LATCHKEY_SECRET' : 'lives with the process'
}

/** Files that variables such as JWT_SECRET_KEY_FILE name. */
const secretFilesOf = (variables: Variables): string[] =>
  Object.entries(variables)
    .filter(([name]) => name.endsWith('_FILE') && isSecret(name.slice(0, -'_FILE'.length)))
    .flatMap(([, file]) => file ?? [])
    .filter((file) => existsSync(file))

const leastCharacters = 32

const privacyOf = (file: string): Finding => {
  const mode = statSync(file).mode & 0o777
  const text = mode.toString(8).padStart(4, '0')
  if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(`${file} (${text})`)
  return warning(`other users of this machine may read ${file} (${text})`, `chmod 600 ${file}`)
}
