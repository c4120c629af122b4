import type { Migration } from './migration.js'

/** Logins at providers, one account each; and what works once and has been used. */
export const identities: Migration = {
  name: '0006-identities',
  up: (db, { text, longText, instant }) => [
    db.schema
      .createTable('latchkey_identities')
      .addColumn('id', text(64), (column) => column.primaryKey())
      .addColumn('user_id', text(64), (column) => column.notNull())
      .addColumn('provider', text(32), (column) => column.notNull())
      .addColumn('subject', text(255), (column) => column.notNull())
      .addColumn('email', text(255))
      .addColumn('first_name', text(255))
      .addColumn('last_name', text(255))
      .addColumn('picture', longText)
      .addColumn('sealed_tokens', longText)
      .addColumn('created_at', instant, (column) => column.notNull())
      .addColumn('last_used_at', instant, (column) => column.notNull()),
    db.schema
      .createIndex('latchkey_identities_subject')
      .unique()
      .on('latchkey_identities')
      .columns(['provider', 'subject']),
    db.schema.createIndex('latchkey_identities_user').on('latchkey_identities').column('user_id'),
    db.schema
      .createTable('latchkey_spent')
      .addColumn('id', text(64), (column) => column.primaryKey())
      .addColumn('expires_at', instant, (column) => column.notNull()),
    db.schema.createIndex('latchkey_spent_age').on('latchkey_spent').column('expires_at'),
  ],
}
