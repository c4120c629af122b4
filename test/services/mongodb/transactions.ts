import type { Document } from 'bson'
import type { Pool, PoolClient } from 'pg'
import { CommandError } from './commands.js'
import { refusal } from './refusals.js'

type Transaction = {
  number: string
  state: 'open' | 'committed' | 'aborted'
  client: PoolClient
  timer: NodeJS.Timeout
}

const beginning =
  "begin isolation level repeatable read; set local lock_timeout = '20ms'; set local deadlock_timeout = '10ms'"

/** The transactions of a replica set, one PostgreSQL connection each: who is in another's way is refused at once. */
export const createTransactions = (pool: Pool, lifetimeSeconds: number) => {
  const transactions = new Map<string, Transaction>()

  const end = async (transaction: Transaction, state: 'committed' | 'aborted'): Promise<void> => {
    if (transaction.state !== 'open') return
    transaction.state = state
    clearTimeout(transaction.timer)
    try {
      await transaction.client.query(state === 'committed' ? 'commit' : 'rollback')
      transaction.client.release()
    } catch (error) {
      transaction.state = 'aborted'
      transaction.client.release(true)
      throw error
    }
  }

  const begin = async (id: string, number: string): Promise<Transaction> => {
    const former = transactions.get(id)
    if (former !== undefined) await end(former, 'aborted')
    const client = await pool.connect()
    try {
      await client.query(beginning)
    } catch (error) {
      client.release(true) // a few outages later the pool would have none left
      throw error
    }
    const abort = () => {
      end(transaction, 'aborted').catch(() => undefined)
    }
    const timer = setTimeout(abort, lifetimeSeconds * 1000)
    const transaction: Transaction = { number, state: 'open', client, timer: timer.unref() }
    transactions.set(id, transaction)
    return transaction
  }

  const openOne = (command: Document): Transaction => {
    const transaction = transactions.get(sessionOf(command))
    if (transaction?.number === String(command.txnNumber) && transaction.state === 'open') {
      return transaction
    }
    throw new CommandError(
      refusal(251, 'NoSuchTransaction', `Transaction ${command.txnNumber} has been aborted`),
    )
  }

  return {
    /** Runs a command of a transaction. Whatever goes wrong in it ends the whole transaction, as on a real server. */
    run: async (command: Document, work: (client: PoolClient) => Promise<Document>) => {
      const transaction =
        command.startTransaction === true
          ? await begin(sessionOf(command), String(command.txnNumber))
          : openOne(command)
      try {
        const reply = await work(transaction.client)
        if (reply.writeErrors !== undefined) await end(transaction, 'aborted')
        return reply
      } catch (error) {
        await end(transaction, 'aborted')
        throw error
      }
    },
    /** A commit may be asked for again when its answer was lost. */
    commit: async (command: Document): Promise<Document> => {
      const transaction = transactions.get(sessionOf(command))
      const isDone =
        transaction?.number === String(command.txnNumber) && transaction.state === 'committed'
      if (!isDone) await end(openOne(command), 'committed')
      return { ok: 1 }
    },
    abort: async (command: Document): Promise<Document> => {
      await end(openOne(command), 'aborted')
      return { ok: 1 }
    },
    abortAll: async (): Promise<void> => {
      for (const transaction of transactions.values()) {
        await end(transaction, 'aborted').catch(() => undefined)
      }
      transactions.clear()
    },
  }
}

/** Writes that were answered, by session: who asks again is given the same answer. Not the engine's doing but a server's. */
export const createAnswered = () => {
  const answers = new Map<string, { number: string; reply: Document }>()
  return async (command: Document, work: () => Promise<Document>): Promise<Document> => {
    if (command.txnNumber === undefined) return work()
    const number = String(command.txnNumber)
    const known = answers.get(sessionOf(command))
    if (known?.number === number) return known.reply
    const reply = await work()
    answers.set(sessionOf(command), { number, reply })
    return reply
  }
}

const sessionOf = (command: Document): string => String(command.lsid?.id)
