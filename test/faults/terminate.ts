import { pause } from './calls.js'
import { doors, type Row } from './doors.js'
import type { Ground } from './ground.js'

/** Cuts the connection of whoever waits for a row, as soon as somebody does; false if nobody does until the end. */
export const terminateWaiting = async (
  { name, own }: Ground,
  end: Promise<unknown>,
): Promise<boolean> => {
  let isOver = false
  void end.finally(() => {
    isOver = true
  })
  const door = await doors[name === 'mysql' ? 'mysql' : 'postgres'](own().adminUrl)
  const cut = name === 'mysql' ? cutInMysql : cutInPostgres
  try {
    while (!isOver) {
      if ((await cut(door.rows)) > 0) return true
      await pause(name === 'mysql' ? 120 : 0) // InnoDB repeats its last answer to whoever asks within 100 ms
    }
    return false
  } finally {
    await door.close()
  }
}

type Ask = (sql: string) => Promise<Row[]>

const cutInPostgres = async (ask: Ask): Promise<number> => {
  const waiting = `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`
  return (await ask(waiting)).length
}

const cutInMysql = async (ask: Ask): Promise<number> => {
  const waiting = await ask(
    `select trx_mysql_thread_id as id from information_schema.innodb_trx where trx_state = 'LOCK WAIT'`,
  )
  for (const { id } of waiting) await ask(`kill ${id}`).catch(() => {}) // gone by itself
  return waiting.length
}
