import { existsSync, readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { settingsTable } from '../env.js'
import { secretFileIn } from '../root-secret-file.js'
import { type Check, type Finding, ok, problem, warning } from './check.js'

/** Files that hold secrets: whoever else uses this machine must not read them. */
export const fileChecks: readonly Check[] = [
  {
    name: 'root secret',
    run: ({ settings, databaseFile }) => {
      const file = secretFileIn(settings)
      if (file === undefined)
        return ok(settings.auth.secret ? 'set as LATCHKEY_SECRET' : 'lives with the process')
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
    name: 'database file',
    run: ({ databaseFile }) => {
      if (databaseFile === undefined) return ok('there is none')
      if (!existsSync(databaseFile)) return ok(`${databaseFile} will be made at the first start`)
      return privacyOf(databaseFile)
    },
  },
  {
    name: 'settings file',
    run: ({ envFile }) => {
      if (!existsSync(envFile)) return ok(`there is no ${envFile}`)
      const variables = parseEnv(readFileSync(envFile, 'utf8'))
      const secrets = settingsTable.filter(({ variable, secret }) => secret && variables[variable])
      return secrets.length === 0 ? ok(`${envFile} holds no secrets`) : privacyOf(envFile)
    },
  },
]

const leastCharacters = 32

const privacyOf = (file: string): Finding => {
  const mode = statSync(file).mode & 0o777
  const text = mode.toString(8).padStart(4, '0')
  if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(`${file} (${text})`)
  return warning(`other users of this machine may read ${file} (${text})`, `chmod 600 ${file}`)
}
