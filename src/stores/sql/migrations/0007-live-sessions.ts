import type { Migration } from './migration.js'

/** What a user has ended stays for a while: those that are live are found without walking past it. */
export const liveSessions: Migration = {
  name: '0007-live-sessions',
  up: (db, { dropIndex }) => [
    db.schema
      .createIndex('latchkey_sessions_standing')
      .on('latchkey_sessions')
      .columns(['user_id', 'revoked_at', 'id']),
    dropIndex(db, 'latchkey_sessions', 'latchkey_sessions_live'),
  ],
}
