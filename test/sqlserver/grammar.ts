import { antlr4tsSQL, SQLDialect, TSQLGrammar } from 'antlr4ts-sql'

const grammar = new antlr4tsSQL(SQLDialect.TSQL)

/** What T-SQL has against a text. Nothing, if every statement of it is one that was meant. */
export const problemsOf = (sql: string): string[] => {
  const problems: string[] = []
  const listener = {
    syntaxError: (_: unknown, __: unknown, line: number, column: number, message: string) => {
      problems.push(`${line}:${column} ${message.slice(0, 80)}`)
    },
  }
  const parser = grammar.getParser(grammar.getTokens(sql, [listener]), [listener])
  const nodes = nodesOf(grammar.getParseTree(parser))
  // words at the beginning that mean nothing are taken for a procedure and its arguments: LIMIT 3 after a query
  for (const node of nodes) {
    if (node instanceof TSQLGrammar.Execute_body_batchContext) {
      problems.push(`${node.text} calls a procedure without EXEC`)
    }
  }
  if (sql.includes('::')) problems.push(':: is a method of a type here, not a cast')
  const found = nodes.filter(
    (node) => node instanceof TSQLGrammar.Sql_clausesContext && isOutermost(node),
  )
  const meant = sql.split(';').filter((piece) => piece.trim() !== '')
  if (found.length !== meant.length) {
    problems.push(`${meant.length} statements are meant, and ${found.length} read`)
  }
  return problems
}

type Tree = ReturnType<typeof grammar.getParseTree>

const nodesOf = (tree: Tree): Tree[] => [
  tree,
  ...Array.from({ length: tree.childCount }, (_, index) => tree.getChild(index)).flatMap(nodesOf),
]

const isOutermost = ({ parent }: Tree): boolean => parent instanceof TSQLGrammar.BatchContext
