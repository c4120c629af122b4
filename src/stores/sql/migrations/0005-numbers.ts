import type { Migration } from './migration.js'

/** Numbers that are given once: the last of each kind. */
export const numbers: Migration = {
  name: '0005-numbers',
  up: (db, { text, instant }) => [
    db.schema
      .createTable('latchkey_numbers')
      .addColumn('id', text(32), (column) => column.primaryKey())
      .addColumn('last', instant, (column) => column.notNull()),
  ],
}
