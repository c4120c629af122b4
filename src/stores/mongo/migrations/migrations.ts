import type { IndexDescription } from 'mongodb'
import { collectionNames, type Documents } from '../documents.js'
import { eventCounter } from '../events.js'
import { userCounter } from '../numbers.js'

type Index = IndexDescription & { name: string }

export type Step = { collection: keyof Documents; indexes: Index[] } | { counter: string }

/** In order; a new one is added at the end. Each step may run again: a migration that was cut off starts afresh. */
export const migrations: readonly { name: string; steps: readonly Step[] }[] = [
  {
    name: '0001-first',
    steps: [
      {
        collection: 'users',
        indexes: [uniqueText('canonicalEmail'), uniqueText('canonicalUsername')],
      },
      {
        collection: 'sessions',
        indexes: [
          { name: 'userId', key: { userId: 1, _id: -1 } },
          // not a TTL index: that one goes by the server's clock and deletes without measure; the janitor does neither
          { name: 'expiresAt', key: { expiresAt: 1 } },
        ],
      },
      {
        collection: 'keys',
        indexes: [{ name: 'sequence', key: { sequence: 1 }, unique: true }],
      },
      {
        collection: 'events',
        indexes: [
          { name: 'sequence', key: { sequence: 1 }, unique: true },
          { name: 'subjectId', key: { subjectId: 1, sequence: 1 } },
        ],
      },
      { counter: eventCounter },
    ],
  },
  {
    name: '0002-attempts',
    steps: [
      {
        collection: 'attempts',
        indexes: [
          { name: 'subjectId', key: { subjectId: 1 } },
          { name: 'lastAt', key: { lastAt: 1 } },
        ],
      },
    ],
  },
  {
    name: '0003-audit-chain',
    steps: [
      {
        collection: 'recorders',
        indexes: [{ name: 'number', key: { number: 1 }, unique: true }],
      },
    ],
  },
  { name: '0004-numbers', steps: [{ counter: userCounter }] },
  {
    name: '0005-identities',
    steps: [
      {
        collection: 'identities',
        indexes: [
          { name: 'subject', key: { provider: 1, subject: 1 }, unique: true },
          { name: 'userId', key: { userId: 1 } },
        ],
      },
      { collection: 'spent', indexes: [{ name: 'expiresAt', key: { expiresAt: 1 } }] },
    ],
  },
  {
    name: '0006-live-sessions',
    steps: [
      {
        collection: 'sessions',
        indexes: [{ name: 'standing', key: { userId: 1, revokedAt: 1, _id: -1 } }],
      },
    ],
  },
]

/**
 * Unique among those that have one: null stands outside of the index. `$gt: ''` holds for every text and for nothing else,
 * and unlike `$type` the planner sees that a search for a text is covered. No collation: compared byte by byte.
 */
function uniqueText(field: string): Index {
  return {
    name: field,
    key: { [field]: 1 },
    unique: true,
    partialFilterExpression: { [field]: { $gt: '' } },
  }
}

export const migrationCollection = 'latchkey_migrations'

/** A migration as a DBA types it into mongosh. */
export const toScript = (position: number): string => {
  const { name, steps } = migrations[position] ?? { name: '', steps: [] }
  const record = `{ name: '${name}', appliedAt: '$$NOW' }`
  return [
    `// ${name}`,
    ...steps.map(toCommand),
    `db.${migrationCollection}.updateOne({ _id: ${position + 1} }, [{ $set: ${record} }], { upsert: true })`,
    '',
  ].join('\n')
}

const toCommand = (step: Step): string => {
  if ('counter' in step) {
    return `db.${collectionNames.counters}.updateOne({ _id: '${step.counter}' }, { $setOnInsert: { last: 0 } }, { upsert: true })`
  }
  const command = { createIndexes: collectionNames[step.collection], indexes: step.indexes }
  return `db.runCommand(${JSON.stringify(command)})`
}
