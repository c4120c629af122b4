import type { Dialect, Kysely as KyselyType } from 'kysely'
import { kysely } from './kysely-module.js'
import type { Schema } from './schema.js'

export const { sql } = kysely

type Parts = Pick<Dialect, 'createAdapter' | 'createQueryCompiler'>

/** Builds statements and never runs them. */
const compileOnly = ({ createAdapter, createQueryCompiler }: Parts): KyselyType<Schema> =>
  new kysely.Kysely<Schema>({
    dialect: {
      createAdapter,
      createQueryCompiler,
      createDriver: () => new kysely.DummyDriver(),
      createIntrospector: (db) => new kysely.SqliteIntrospector(db), // never asked
    },
  })

export const builders = {
  sqlite: () =>
    compileOnly({
      createAdapter: () => new kysely.SqliteAdapter(),
      createQueryCompiler: () => new kysely.SqliteQueryCompiler(),
    }),
  postgres: () =>
    compileOnly({
      createAdapter: () => new kysely.PostgresAdapter(),
      createQueryCompiler: () => new kysely.PostgresQueryCompiler(),
    }),
  mysql: () =>
    compileOnly({
      createAdapter: () => new kysely.MysqlAdapter(),
      createQueryCompiler: () => new kysely.MysqlQueryCompiler(),
    }),
  sqlserver: () =>
    compileOnly({
      createAdapter: () => new kysely.MssqlAdapter(),
      createQueryCompiler: () => new kysely.MssqlQueryCompiler(),
    }),
}
