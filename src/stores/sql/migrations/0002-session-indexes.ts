import type { Migration } from './migration.js'

/** Sessions are listed by id, and found by their expiry to be removed. */
export const sessionIndexes: Migration = {
  name: '0002-session-indexes',
  up: (db, { dropIndex }) => [
    db.schema
      .createIndex('latchkey_sessions_live')
      .on('latchkey_sessions')
      .columns(['user_id', 'id']),
    db.schema.createIndex('latchkey_sessions_expiry').on('latchkey_sessions').column('expires_at'),
    dropIndex(db, 'latchkey_sessions', 'latchkey_sessions_user'),
  ],
}
