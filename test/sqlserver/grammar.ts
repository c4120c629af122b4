import { type ANTLRErrorListener, antlr4tsSQL, SQLDialect } from 'antlr4ts-sql'
export const problemsOf = (sql: string): string[] => {
  return [sql, String(antlr4tsSQL), String(SQLDialect)]
}
