import type { Store } from '../../stores/store.js'
import { bootWarnings } from '../boot-warnings.js'
import type { ServerSettings } from '../env.js'
import type { Subject } from '../warning-rule.js'
import type { Doors } from './doors.js'

/** One thing doctor looks at. A new check is one object more in a list of doctor.ts. */
export type Check = {
  name: string
  /** For docs/guides/doctor.md: what is looked at, and how it is mended as a rule. */
  looksAt: string
  mend: string
  run(patient: Patient): Promise<Finding | readonly Finding[]> | Finding | readonly Finding[]
}

export type Finding =
  | { status: 'ok'; detail: string }
  /** `remedy` says exactly what to do. */
  | { status: 'warning' | 'problem'; detail: string; remedy: string }

export type Report = { name: string } & Finding

/** What is looked at. */
export type Patient = {
  settings: ServerSettings
  /** The files settings are read from, where they are there. */
  envFiles: readonly string[]
  /** The path of the database, where it is a file. */
  databaseFile: string | undefined
  /** The open store; undefined when it does not exist yet or cannot be opened. */
  store: Store | undefined
  /** The root secret, where it can be read without making one. */
  secret: string | undefined
  /** Ways into the server that runs, if one does. */
  doors: Doors
}

export const ok = (detail: string): Finding => ({ status: 'ok', detail })
export const warning = (detail: string, remedy: string): Finding => ({
  status: 'warning',
  detail,
  remedy,
})
export const problem = (detail: string, remedy: string): Finding => ({
  status: 'problem',
  detail,
  remedy,
})

/** What a start would warn of. @param but words of warnings that the check knows better */
export const startWarnings = (
  { settings }: Pick<Patient, 'settings'>,
  subject: Subject,
  but: readonly string[] = [],
): Finding[] =>
  bootWarnings(settings)
    .filter((found) => found.about === subject && !but.includes(found.warning))
    .map(({ detail, remedy }) => warning(detail, remedy))

/** All that was found, or that nothing was. */
export const unless = (
  findings: readonly Finding[],
  otherwise: string | Finding,
): readonly Finding[] => {
  if (findings.length > 0) return findings
  return [typeof otherwise === 'string' ? ok(otherwise) : otherwise]
}
