import type { Ground } from './ground.js'
import { ask } from './places.js'

/** Cuts the connection of whoever waits for a row, as soon as somebody does. */
export const terminateWaiting = async ({ name, own }: Ground): Promise<void> => {
  for (let cut = 0; cut === 0; ) {
    cut = name === 'mysql' ? await cutInMysql(own().adminUrl) : await cutInPostgres(own().adminUrl)
  }
}

const cutInPostgres = async (url: string): Promise<number> => {
  const rows = await ask(
    'postgres',
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`,
  )
  return rows.length
}

const cutInMysql = async (url: string): Promise<number> => {
  const waiting = await ask(
    'mysql',
    url,
    `select trx_mysql_thread_id as id from information_schema.innodb_trx where trx_state = 'LOCK WAIT'`,
  )
  for (const { id } of waiting) await ask('mysql', url, `kill ${id}`).catch(() => {}) // gone by itself
  return waiting.length
}
