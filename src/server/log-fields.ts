import { type LogFields, logFields } from '../lib/log.js'
import { safeText } from '../lib/safe-text.js'
import { sourceFrame } from './source-frames.js'

/** The fields of a log line that may be written, each made safe and bounded. */
export const safeFields = (fields: LogFields): Record<string, unknown> => {
  const safe: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (allowed.has(name) && value !== undefined) safe[name] = safeValue(name, value)
  }
  return safe
}

const allowed: ReadonlySet<string> = new Set(logFields)

const longestText = 500
/** A checkpoint names every lane of its process. */
const longestCheckpoint = 100_000
const mostMembers = 20
const deepest = 2

const safeValue = (name: string, value: unknown): unknown => {
  if (name === 'err') return describeError(value)
  return bounded(value, name === 'checkpoint' ? longestCheckpoint : longestText, 0)
}

const bounded = (value: unknown, longest: number, depth: number): unknown => {
  switch (typeof value) {
    case 'string':
      return safeText(value, longest)
    case 'number':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : boundedObject(value, longest, depth)
    default:
      return typeof value
  }
}

const boundedObject = (value: object, longest: number, depth: number): unknown => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Error || depth === deepest) return '…'
  if (Array.isArray(value))
    return value.slice(0, mostMembers).map((member) => bounded(member, longest, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, mostMembers)
      .map(([name, member]) => [safeText(name, longest), bounded(member, longest, depth + 1)]),
  )
}

const mostCauses = 4
const mostFrames = 30

/** Name, message and stack down the causes; other members of an error may hold what was sent. */
const describeError = (error: unknown): object => {
  if (!(error instanceof Error)) return { type: typeof error }
  const chain = [...causesOf(error)].slice(0, mostCauses)
  return {
    type: safeText(error.name, longestText),
    message: chain.map(({ message }) => safeText(message, longestText)).join(': '),
    stack: chain.map(stackOf).join('\ncaused by: '),
  }
}

function* causesOf(error: unknown): Iterable<Error> {
  for (let next = error; next instanceof Error; next = next.cause) yield next
}

/** Only what the engine wrote stands on lines of its own: a message may look like the rest of a stack. */
const stackOf = ({ name, message, stack = '' }: Error): string => {
  const behindMessage = stack.slice(stack.indexOf(message) + message.length)
  const frames = behindMessage.split('\n').filter((line) => /^ +at /.test(line))
  const first = safeText(`${name}: ${message}`, longestText)
  const told = frames.slice(0, mostFrames).map((line) => safeText(sourceFrame(line), longestText))
  return [first, ...told].join('\n')
}
