import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isReachable, openService, type Service } from '../services/services.js'

/** An SQL database that tests can be run on, if it is here. */
export type Database = {
  name: 'sqlite' | 'postgres' | 'mysql' | 'sqlserver'
  isHere: boolean
  /** What short text in any script is called. */
  text: string
  /** `insert … returning` */
  hasReturning: boolean
  /** Opens the place in which databases are made. */
  open(): Promise<void>
  /** The URL of an empty one. */
  fresh(options?: { keep: boolean }): Promise<string>
  close(): Promise<void>
}

const sqlite = (): Database => {
  let folder: string
  let count = 0
  return {
    name: 'sqlite',
    isHere: true,
    text: texts.sqlite,
    hasReturning: true,
    open: async () => {
      folder = mkdtempSync(join(tmpdir(), 'latchkey-db-'))
    },
    fresh: async () => {
      count += 1
      return `sqlite:${join(folder, `${count}.db`)}`
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

const texts: Record<Database['name'], string> = {
  sqlite: 'text',
  postgres: 'text',
  mysql: 'varchar(200) character set utf8mb4 collate utf8mb4_bin',
  sqlserver: 'nvarchar(200) collate Latin1_General_100_BIN2',
}

const onServer = (name: Database['name'], kind: 'postgres' | 'mysql' | 'mssql'): Database => {
  let service: Service
  return {
    name,
    isHere: isReachable(kind),
    text: texts[name],
    hasReturning: name === 'postgres',
    open: async () => {
      service = await openService(kind)
    },
    fresh: (options) => service.fresh(options),
    close: async () => service?.stop(),
  }
}

export const databases: readonly Database[] = [
  sqlite(),
  onServer('postgres', 'postgres'),
  onServer('mysql', 'mysql'),
  onServer('sqlserver', 'mssql'),
]
