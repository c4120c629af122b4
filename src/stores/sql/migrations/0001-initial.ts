import type { Compilable, Kysely } from 'kysely'
import type { Schema } from '../schema.js'

/** Accounts, sessions, signing keys and the trail of events. */
export const initial = {
  name: '0001-initial',
  up: ({ schema }: Kysely<Schema>): Compilable[] => [
    schema
      .createTable('latchkey_users')
      .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('email', 'varchar(254)')
      .addColumn('canonical_email', 'varchar(254)', (column) => column.unique())
      .addColumn('username', 'varchar(100)')
      .addColumn('canonical_username', 'varchar(100)', (column) => column.unique())
      .addColumn('first_name', 'varchar(100)')
      .addColumn('last_name', 'varchar(100)')
      .addColumn('email_verified', 'integer', (column) => column.notNull())
      .addColumn('is_active', 'integer', (column) => column.notNull())
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'varchar(255)')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('last_login_at', 'bigint'),
    schema
      .createTable('latchkey_sessions')
      .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('user_id', 'varchar(64)', (column) => column.notNull())
      .addColumn('nonce', 'varchar(32)', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_used_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('revoked_at', 'bigint')
      .addColumn('address', 'varchar(64)')
      .addColumn('user_agent', 'varchar(256)')
      .addColumn('method', 'varchar(32)', (column) => column.notNull()),
    schema
      .createIndex('latchkey_sessions_user')
      .on('latchkey_sessions')
      .columns(['user_id', 'created_at']),
    schema
      .createTable('latchkey_keys')
      .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('sequence', 'integer', (column) => column.notNull().unique())
      .addColumn('algorithm', 'varchar(16)', (column) => column.notNull())
      .addColumn('public_jwk', 'text', (column) => column.notNull())
      .addColumn('sealed_private_key', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('activates_at', 'bigint', (column) => column.notNull()),
    schema
      .createTable('latchkey_events')
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('id', 'varchar(36)', (column) => column.notNull())
      .addColumn('type', 'varchar(64)', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('outcome', 'varchar(16)', (column) => column.notNull())
      .addColumn('actor_id', 'varchar(64)')
      .addColumn('subject_id', 'varchar(64)')
      .addColumn('session_id', 'varchar(36)')
      .addColumn('address', 'varchar(64)')
      .addColumn('user_agent', 'varchar(256)')
      .addColumn('request_id', 'varchar(64)')
      .addColumn('details', 'text', (column) => column.notNull()),
    schema
      .createIndex('latchkey_events_subject')
      .on('latchkey_events')
      .columns(['subject_id', 'sequence']),
  ],
}
