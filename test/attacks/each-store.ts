import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, onTestFinished } from 'vitest'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { mongoStore } from '../../src/stores/mongo/mongo.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import type { Store } from '../../src/stores/store.js'
import { isReachable, openService } from '../services/services.js'
import { rootSecret, startTarget, type Target } from './target.js'

/** Everywhere accounts can be kept, each empty: what is an attack on one is nothing to another. */
const places: Record<string, { isHere: boolean; open(): Promise<Store> }> = {
  memory: { isHere: true, open: async () => memoryStore() },
  sqlite: { isHere: true, open: async () => sqlStore(`sqlite:${newFile()}`) },
  postgres: {
    isHere: isReachable('postgres'),
    open: async () => sqlStore(await (await openService('postgres')).fresh()),
  },
  mysql: {
    isHere: isReachable('mysql'),
    open: async () => sqlStore(await (await openService('mysql')).fresh()),
  },
  mongodb: {
    isHere: isReachable('mongodb'),
    open: async () => mongoStore(await (await openService('mongodb')).fresh()),
  },
}

const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-attack-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'attacked.db')
}

const withoutLimits = { limits: { requests: 0, login: 0, register: 0, refresh: 0 } }

type Opening = {
  /** A migrated store; it closes with the test. */
  store(): Promise<Store>
  /** A server on a store of this kind. */
  target(): Promise<Target>
}

/** The same attack on each store that can be had here. */
export const onEachStore = (define: (open: Opening, name: string) => void): void => {
  for (const [name, { isHere, open }] of Object.entries(places)) {
    describe.skipIf(!isHere)(`on ${name}`, () => {
      const store = async (): Promise<Store> => {
        const opened = await open()
        onTestFinished(() => opened.close())
        await opened.migrate()
        return opened
      }
      const target = async (): Promise<Target> => {
        const started = await startTarget({
          ...withoutLimits,
          secret: rootSecret,
          store: await open(),
        })
        onTestFinished(() => started.close())
        return started
      }
      define({ store, target }, name)
    })
  }
}
