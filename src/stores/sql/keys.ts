import type { KeyStore, SigningKey } from '../../features/tokens/store.js'
import type { Connection, SqlDialect } from './dialect.js'
import type { KeyRow } from './schema.js'

const table = 'latchkey_keys'

export const sqlKeys =
  ({ builder: db }: Pick<SqlDialect, 'builder'>) =>
  (connection: Connection): KeyStore => ({
    append: async (key) => {
      const query = db.insertInto(table).values(toRow(key))
      return (await connection.executeUnlessTaken(query.compile())) !== undefined
    },
    list: async () => {
      const query = db.selectFrom(table).selectAll().orderBy('sequence')
      return (await connection.rows<KeyRow>(query.compile())).map(toKey)
    },
    remove: async (id) => {
      await connection.execute(db.deleteFrom(table).where('id', '=', id).compile())
    },
  })

const toRow = (key: SigningKey): KeyRow => ({
  id: key.id,
  sequence: key.sequence,
  algorithm: key.algorithm,
  public_jwk: key.publicJwk,
  sealed_private_key: key.sealedPrivateKey,
  created_at: key.createdAt.getTime(),
  activates_at: key.activatesAt.getTime(),
})

const toKey = (row: KeyRow): SigningKey => ({
  id: row.id,
  sequence: row.sequence,
  algorithm: row.algorithm,
  publicJwk: row.public_jwk,
  sealedPrivateKey: row.sealed_private_key,
  createdAt: new Date(row.created_at),
  activatesAt: new Date(row.activates_at),
})
