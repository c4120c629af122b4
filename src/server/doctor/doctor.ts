import { existsSync } from 'node:fs'
import { ConfigurationError, type Mistake } from '../../errors.js'
import { sqliteFile } from '../../stores/sql/sqlite/files.js'
import type { Store } from '../../stores/store.js'
import type { ServerSettings } from '../env.js'
import { isOnServer, secretFileIn } from '../root-secret-file.js'
import { openStore } from '../server.js'
import { inspectSettings, nameVariables } from '../settings.js'
import { type Check, type Finding, ok, type Patient, problem, type Report } from './check.js'
import { choiceChecks } from './choice-checks.js'
import { findDoors } from './doors.js'
import { fileChecks } from './file-checks.js'
import { machineChecks } from './machine-checks.js'
import { proxyCheck } from './proxy-check.js'
import { serverChecks } from './server-checks.js'
import { storeChecks } from './store-checks.js'
import { wireChecks } from './wire-checks.js'

/** Doctor: looks at an installation without changing it, and says for each thing how to mend it. */
export const checks: readonly Check[] = [
  ...machineChecks,
  ...fileChecks,
  ...storeChecks,
  ...serverChecks,
  proxyCheck,
  ...wireChecks,
  ...choiceChecks,
]

/** Everything else is looked at with settings that can be used. */
export const settingsCheck = {
  name: 'settings',
  looksAt:
    'whether every setting can be used: values, names, secrets, and pairs that contradict each other',
  mend: 'Mend the variable that is named; docs/configuration.md explains every setting',
} as const

export const examine = async (envFile: string | undefined): Promise<Report[]> => {
  const { settings, mistakes, files } = inspectSettings({ envFile })
  const settingsReports: Report[] = mistakes.map((mistake) => ({
    name: 'settings',
    ...problem(
      sentenceOf(mistake),
      `Mend ${mistake.option}; docs/configuration.md explains every setting`,
    ),
  }))
  const databaseFile = sqliteFile(settings.databaseUrl)
  const opened = open(settings, databaseFile)
  const patient: Patient = {
    settings,
    envFiles: files.length > 0 ? files : [envFile ?? '.env'],
    databaseFile,
    store: opened.store,
    secret: secretOf(settings, opened.store),
    doors: await findDoors(settings),
  }
  const reports: Report[] =
    settingsReports.length > 0 ? settingsReports : [{ name: 'settings', ...ok('all can be used') }]
  try {
    if (opened.fault !== undefined) reports.push({ name: 'store', ...opened.fault })
    for (const check of checks) {
      const findings = [await look(check, patient)].flat()
      reports.push(...findings.map((finding) => ({ name: check.name, ...finding })))
    }
  } finally {
    await opened.store?.close()
  }
  return reports
}

/** Opening would make a database that is not there yet, and doctor changes nothing. */
const open = (
  settings: ServerSettings,
  databaseFile: string | undefined,
): { store?: Store; fault?: Finding } => {
  if (!isOnServer(settings) && (databaseFile === undefined || !existsSync(databaseFile))) return {}
  try {
    return { store: openStore(settings) }
  } catch (error) {
    const detail =
      error instanceof ConfigurationError ? (error.mistakes[0]?.detail ?? '') : reasonOf(error)
    const remedy = isOnServer(settings)
      ? 'Correct DATABASE_URL'
      : 'Check that the path in DATABASE_URL is a latchkey database this user may write'
    return { fault: problem(detail, remedy) }
  }
}

/** The one in a file only where it is: asking for it would make one. */
const secretOf = (settings: ServerSettings, store: Store | undefined): string | undefined => {
  if (settings.auth.secret !== undefined) return settings.auth.secret
  const file = secretFileIn(settings)
  if (file === undefined || !existsSync(file)) return undefined
  try {
    return store?.localSecret?.()
  } catch {
    return undefined // the check of the file says why
  }
}

/** A check that breaks is a finding, not the end of the examination. */
const look = async (check: Check, patient: Patient): Promise<Finding | readonly Finding[]> => {
  try {
    return await check.run(patient)
  } catch (error) {
    if (error instanceof ConfigurationError) {
      const detail = nameVariables(error.mistakes).map(sentenceOf)
      return problem(detail.join('. '), 'Mend it; docs/guides/stores.md says what is expected')
    }
    return problem(`could not be looked at: ${reasonOf(error)}`, 'See the other findings first')
  }
}

const sentenceOf = ({ option, detail }: Mistake): string => `${option} ${detail}`

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'unknown reason'
