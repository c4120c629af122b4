import { refuse } from './database-error.js'
import { scan, type Token } from './scan.js'
import type { Syntax } from './syntax.js'

/** One statement as the driver takes it. */
export type Statement = {
  /** As it was given, for errors. */
  text: string
  sql: string
  parameters: unknown[]
  /** What it does: 'select', 'insert', …; behind `with`, what the whole does. */
  verb: string
}

/** What a text says, whatever its values are. */
export type Plan = {
  text: string
  sql: string
  verb: string
  /** The values that its placeholders stand for, in order. */
  numbers: readonly number[]
  placeholders: readonly Token[]
}

/** @throws DatabaseError `refused` */
export const planStatement = (text: string, syntax: Syntax): Plan => {
  const tokens = scan(text, syntax)
  const placeholders = tokens.filter(({ kind }) => kind === 'placeholder')
  const isCounting = placeholders.some(isPercent)
  if (isCounting && !placeholders.every(isPercent))
    refuse('The statement mixes %s and $1: use one of them', text)
  const verb = requireOne(tokens, syntax, text)
  const numbers = placeholders.map((token, index) =>
    isPercent(token) ? index + 1 : Number(token.text.slice(1)),
  )
  const order = numbers.values()
  const write = (token: Token): string => {
    if (token.kind === 'placeholder') return syntax.placeholder(order.next().value ?? 0)
    if (syntax.hasRoamingPlaceholders && placeholders.length > 0 && token.text.includes('?')) {
      if (token.kind === 'comment') return ' '
      refuse('Make the text with a ? in it a value: the driver would put another one there', text)
    }
    return isCounting ? token.text.replaceAll('%%', '%') : token.text // as psycopg does, in strings too
  }
  const sql = untilEnd(tokens).map(write).join('') + (verb === 'merge' ? ';' : '') // T-SQL wants it there
  return { text, sql, verb, numbers, placeholders }
}

/**
 * Puts the values where the placeholders are, as parameters.
 *
 * @param places where the values must stand, if the caller knows: the offsets of their placeholders
 * @throws DatabaseError `refused`
 */
export const fillPlan = (
  { text, sql, verb, numbers, placeholders }: Plan,
  values: readonly unknown[],
  { isNumbered }: Syntax,
  places?: readonly number[],
): Statement => {
  if (places) requirePlaces(placeholders, places, text)
  requireValues(numbers, values, text)
  const parameters = isNumbered ? [...values] : numbers.map((number) => values[number - 1])
  return { text, sql, verb, parameters }
}

/** Without what stands behind the last word: drivers have something to add. */
const untilEnd = (tokens: readonly Token[]): readonly Token[] =>
  tokens.slice(0, 1 + tokens.findLastIndex((token) => !isNothing(token) && !isSemicolon(token)))

const isNothing = ({ kind }: Token): boolean => kind === 'space' || kind === 'comment'

const isPercent = ({ text }: Token): boolean => text === '%s'

const requirePlaces = (
  placeholders: readonly Token[],
  places: readonly number[],
  text: string,
): void => {
  const fits = placeholders.every(
    ({ at, text: mark }, index) => at === places[index] && mark === `$${index + 1}`,
  )
  if (fits && placeholders.length === places.length) return
  refuse(
    'A value stands inside a string, a name or a comment, or next to a placeholder: give each value a place of its own',
    text,
  )
}

const requireValues = (
  numbers: readonly number[],
  values: readonly unknown[],
  text: string,
): void => {
  const most = Math.max(0, ...numbers)
  if (most !== values.length)
    refuse(`The statement takes ${count(most)}, and ${values.length} came with it`, text)
  for (let number = 1; number <= most; number += 1)
    if (!numbers.includes(number)) refuse(`The statement leaves $${number} out`, text)
}

const count = (number: number): string => (number === 1 ? '1 value' : `${number} values`)

/** @returns what the statement does */
const requireOne = (tokens: readonly Token[], syntax: Syntax, text: string): string => {
  const code = tokens.filter((token) => !isNothing(token))
  const end = code.findIndex(isSemicolon)
  if (end !== -1 && !code.slice(end).every(isSemicolon))
    refuse('There is a second statement behind a ;. Give each a call of its own', text)
  const first = code.find((token) => token.text !== '(')
  if (first === undefined || isSemicolon(first)) refuse('There is no statement', text)
  const verb = first?.kind === 'word' ? first.text.toLowerCase() : ''
  const advice = stateful[verb]
  if (advice !== undefined) refuse(advice, text)
  if (syntax.hasBareStatements) refuseBare(code, verb, text)
  return verb === 'with' ? mainVerb(code) : verb
}

const isSemicolon = ({ kind, text }: Token): boolean => kind === 'sign' && text === ';'

const transactions = 'Connections are shared: use db.transaction(async (db) => …) instead'
const settings =
  'Connections are shared, and the next who gets this one would find it changed. Set it for the user or the database'

/** Words that leave something behind on a connection. */
const stateful: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'save', 'savepoint', 'release']
      .concat(['xa'])
      .map((verb) => [verb, transactions]),
  ),
  ...Object.fromEntries(
    ['set', 'reset', 'use', 'lock', 'unlock', 'listen', 'unlisten', 'discard', 'prepare']
      .concat(['deallocate', 'handler', 'declare'])
      .map((verb) => [verb, settings]),
  ),
}

const verbs = ['select', 'insert', 'update', 'delete', 'merge', 'replace', 'values'] as const

/** Behind the queries in brackets that `with` names. */
const mainVerb = (code: readonly Token[]): string => {
  let depth = 0
  for (const { kind, text } of code) {
    if (kind === 'sign' && text === '(') depth += 1
    if (kind === 'sign' && text === ')') depth -= 1
    const verb = verbs.find((each) => each === text.toLowerCase())
    if (kind === 'word' && depth === 0 && verb !== undefined) return verb
  }
  return 'with'
}

/** Reserved in T-SQL, so that each of them begins a statement wherever it stands bare. */
const beginnings = new Set([
  ...[
    'alter',
    'backup',
    'begin',
    'bulk',
    'checkpoint',
    'close',
    'commit',
    'create',
    'dbcc',
    'deny',
  ],
  ...['deallocate', 'declare', 'drop', 'dump', 'exec', 'execute', 'goto', 'grant', 'if', 'kill'],
  ...['load', 'open', 'print', 'raiserror', 'reconfigure', 'restore', 'return', 'revert', 'revoke'],
  ...['rollback', 'save', 'shutdown', 'truncate', 'use', 'waitfor', 'while', 'writetext'],
])

/** T-SQL needs no ; between statements. */
const refuseBare = (code: readonly Token[], verb: string, text: string): void => {
  if (!verbs.some((each) => each === verb) && verb !== 'with') return
  const words = code.filter(({ kind }) => kind === 'word').map((token) => token.text.toLowerCase())
  const changes = words.filter((word) => ['insert', 'update', 'delete'].includes(word))
  const second = words.find((word) => beginnings.has(word))
  if (second === undefined && (changes.length < 2 || words.includes('merge'))) return
  refuse(
    `There seems to be a second statement, at ${second ?? changes[1]}. Give each a call of its own; put a name of that spelling into [brackets]`,
    text,
  )
}
