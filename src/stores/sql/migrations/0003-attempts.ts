import type { Migration } from './migration.js'

/** Tries that failed, by account and by address; found by the account to be cleared, and by their age to be removed. */
export const attempts: Migration = {
  name: '0003-attempts',
  up: (db, { text, integer, instant }) => [
    db.schema
      .createTable('latchkey_attempts')
      .addColumn('id', text(64), (column) => column.primaryKey())
      .addColumn('subject_id', text(64))
      .addColumn('address', text(64))
      .addColumn('failures', integer, (column) => column.notNull())
      .addColumn('last_at', instant, (column) => column.notNull())
      .addColumn('blocked_until', instant, (column) => column.notNull()),
    db.schema.createIndex('latchkey_attempts_subject').on('latchkey_attempts').column('subject_id'),
    db.schema.createIndex('latchkey_attempts_age').on('latchkey_attempts').column('last_at'),
  ],
}
