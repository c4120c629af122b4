import { fillPlan, planStatement, type Statement } from '../../src/db/statement.js'
import { type Syntax, syntaxes } from '../../src/db/syntax.js'

/** Statements read as each database would have them. */
export const names = ['postgres', 'sqlite', 'mysql', 'sqlserver'] as const
type Name = (typeof names)[number]

export const syntaxOf = (name: string): Syntax => {
  const syntax = syntaxes[name]
  if (syntax === undefined) throw new Error(`No syntax of ${name}`)
  return syntax
}

export const read = (name: Name, text: string, ...values: unknown[]): Statement =>
  fillPlan(planStatement(text, syntaxOf(name)), values, syntaxOf(name))
export const sqlOf = (name: Name, text: string, ...values: unknown[]) =>
  read(name, text, ...values).sql
export const refusal = (name: Name, text: string, ...values: unknown[]): string => {
  try {
    return `accepted: ${read(name, text, ...values).sql}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
