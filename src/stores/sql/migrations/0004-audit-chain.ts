import type { Migration } from './migration.js'

/** Events stand in chains, and those who record them are known. Events of before stand in none. */
export const auditChain: Migration = {
  name: '0004-audit-chain',
  up: (db, { text, longText, integer, instant }) => [
    db.schema.alterTable('latchkey_events').addColumn('chain', text(32)),
    db.schema.alterTable('latchkey_events').addColumn('number', instant),
    db.schema.alterTable('latchkey_events').addColumn('mac', text(32)),
    db.schema
      .createTable('latchkey_recorders')
      .addColumn('id', text(16), (column) => column.primaryKey())
      .addColumn('number', integer, (column) => column.notNull().unique())
      .addColumn('started_at', instant, (column) => column.notNull())
      .addColumn('is_trail_empty', integer, (column) => column.notNull())
      .addColumn('mac', text(32), (column) => column.notNull())
      .addColumn('checkpoint', longText, (column) => column.notNull())
      .addColumn('checkpoint_number', integer, (column) => column.notNull())
      .addColumn('bases', longText, (column) => column.notNull())
      .addColumn('bases_number', integer, (column) => column.notNull()),
  ],
}
