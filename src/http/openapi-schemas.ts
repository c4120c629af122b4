import { z } from 'zod'
import { shapeSchemas } from '../profiles/native.js'
import type { Route } from './route.js'

/** Schemas of answers and refusals that stand once in an OpenAPI document, each under a name. */
export type Components = {
  /** A reference to what a route answers, if that has a name. */
  answerOf(route: Route): Reference | undefined
  /** Writes it down under this name. */
  refer(name: string, schema: object): Reference
  all(): Record<string, object>
}
type Reference = { $ref: string }

export const createComponents = (routes: readonly Route[]): Components => {
  const written: Record<string, object> = {}
  const names = new Map<z.ZodType, string>()

  const refer = (name: string, schema: object): Reference => {
    written[name] ??= schema
    return { $ref: `#/components/schemas/${name}` }
  }

  for (const [shape, schema] of Object.entries(shapeSchemas))
    if (routes.some((route) => schemaOf(route) === schema)) names.set(schema, shape)
  for (const route of routes) {
    const schema = schemaOf(route)
    if (schema === undefined || names.has(schema)) continue
    const taken = new Set(names.values())
    const isShared = routes.filter((other) => schemaOf(other) === schema).length > 1
    const name = namesFor(route, schema, isShared).find((each) => !taken.has(each))
    if (name !== undefined) names.set(schema, name)
  }
  for (const [schema, name] of names) refer(name, jsonSchema(schema))

  return {
    answerOf: (route) => {
      const schema = schemaOf(route)
      const name = schema && names.get(schema)
      return schema && name ? refer(name, jsonSchema(schema)) : undefined
    },
    refer,
    all: () => written,
  }
}

const schemaOf = ({ answerSchema, success: { shape } }: Route): z.ZodType | undefined =>
  answerSchema ?? Object.entries(shapeSchemas).find(([name]) => name === shape)?.[1]

/** From the best to the last that will do: its title, what several routes give, or the route that gives it. */
const namesFor = ({ method, path, success }: Route, schema: z.ZodType, isShared: boolean) => {
  const last = path.split('/').findLast((part) => /^\w/.test(part)) ?? 'about'
  const { title } = schema.meta() ?? {}
  return [
    ...(title === undefined ? [] : [title]),
    ...(isShared ? [success.shape] : []),
    `${capital(last)}Answer`,
    `${capital(method.toLowerCase())}${capital(last)}Answer`,
  ]
}

/** `debug-token` → `DebugToken` */
const capital = (words: string): string =>
  words.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())

/** What a route takes, with an example that it takes where there is none yet. */
export const bodySchema = (body: z.ZodType): object => {
  const schema = jsonSchema(body)
  const { examples, properties = {} } = schema
  if (examples !== undefined) return schema
  const known = Object.entries(sampleMembers).filter(([name]) => name in properties)
  return { ...schema, examples: [Object.fromEntries(known)] }
}

/** Good under every policy there is. */
const sampleMembers = {
  email: 'grace@example.com',
  username: 'grace',
  password: 'Correct.Horse.42!',
  first_name: 'Grace',
  last_name: 'Hopper',
  refresh_token: 'the refresh token of the answer before',
}

/** As input, so that only bodies are closed: an answer may grow members, and clients must bear that. */
export const jsonSchema = (schema: z.ZodType): z.core.JSONSchema.BaseSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    // what an address may look like is for our own reader to say, not for this pattern
    override: ({ jsonSchema: shown }) => {
      if (shown.format === 'email') delete shown.pattern
    },
  })
  return rest
}

/** The names of what a body may hold, and of what it must. */
export const membersOf = (body: z.ZodType): string[] =>
  Object.keys(jsonSchema(body).properties ?? {})
export const requiredOf = (body: z.ZodType): string[] => jsonSchema(body).required ?? []
