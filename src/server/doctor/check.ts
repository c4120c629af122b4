import type { Store } from '../../stores/store.js'
import type { ServerSettings } from '../env.js'

/** One thing doctor looks at. A new check is one object more in a list of doctor.ts. */
export type Check = {
  name: string
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
  /** The file settings are read from, if there is one. */
  envFile: string
  /** The path of the database, where it is a file. */
  databaseFile: string | undefined
  /** The open store; undefined when it does not exist yet or cannot be opened. */
  store: Store | undefined
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
