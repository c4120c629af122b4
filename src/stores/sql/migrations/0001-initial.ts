import type { Migration } from './migration.js'

/** Accounts, sessions, signing keys and the trail of events. */
export const initial: Migration = {
  name: '0001-initial',
  up: (db, { text, longText, integer, instant, counter, unique }) => [
    db.schema
      .createTable('latchkey_users')
      .addColumn('id', text(64), (column) => column.primaryKey())
      .addColumn('email', text(254))
      .addColumn('canonical_email', text(254), unique.modify)
      .addColumn('username', text(100))
      .addColumn('canonical_username', text(100), unique.modify)
      .addColumn('first_name', text(100))
      .addColumn('last_name', text(100))
      .addColumn('email_verified', integer, (column) => column.notNull())
      .addColumn('is_active', integer, (column) => column.notNull())
      .addColumn('roles', longText, (column) => column.notNull())
      .addColumn('password_hash', text(255))
      .addColumn('created_at', instant, (column) => column.notNull())
      .addColumn('updated_at', instant, (column) => column.notNull())
      .addColumn('last_login_at', instant),
    ...unique.after(db, 'latchkey_users', 'canonical_email'),
    ...unique.after(db, 'latchkey_users', 'canonical_username'),
    db.schema
      .createTable('latchkey_sessions')
      .addColumn('id', text(36), (column) => column.primaryKey())
      .addColumn('user_id', text(64), (column) => column.notNull())
      .addColumn('nonce', text(32), (column) => column.notNull())
      .addColumn('generation', integer, (column) => column.notNull())
      .addColumn('created_at', instant, (column) => column.notNull())
      .addColumn('last_used_at', instant, (column) => column.notNull())
      .addColumn('expires_at', instant, (column) => column.notNull())
      .addColumn('revoked_at', instant)
      .addColumn('address', text(64))
      .addColumn('user_agent', text(256))
      .addColumn('method', text(32), (column) => column.notNull()),
    db.schema
      .createIndex('latchkey_sessions_user')
      .on('latchkey_sessions')
      .columns(['user_id', 'created_at']),
    db.schema
      .createTable('latchkey_keys')
      .addColumn('id', text(64), (column) => column.primaryKey())
      .addColumn('sequence', integer, (column) => column.notNull().unique())
      .addColumn('algorithm', text(16), (column) => column.notNull())
      .addColumn('public_jwk', longText, (column) => column.notNull())
      .addColumn('sealed_private_key', longText, (column) => column.notNull())
      .addColumn('created_at', instant, (column) => column.notNull())
      .addColumn('activates_at', instant, (column) => column.notNull()),
    db.schema
      .createTable('latchkey_events')
      .addColumn('sequence', counter.type, counter.modify)
      .addColumn('id', text(36), (column) => column.notNull())
      .addColumn('type', text(64), (column) => column.notNull())
      .addColumn('at', instant, (column) => column.notNull())
      .addColumn('outcome', text(16), (column) => column.notNull())
      .addColumn('actor_id', text(64))
      .addColumn('subject_id', text(64))
      .addColumn('session_id', text(36))
      .addColumn('address', text(64))
      .addColumn('user_agent', text(256))
      .addColumn('request_id', text(64))
      .addColumn('details', longText, (column) => column.notNull()),
    db.schema
      .createIndex('latchkey_events_subject')
      .on('latchkey_events')
      .columns(['subject_id', 'sequence']),
  ],
}
