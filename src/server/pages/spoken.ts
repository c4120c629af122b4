import { catalogue } from '../../errors.js'
import { membersOf, requiredOf } from '../../http/openapi-schemas.js'
import type { Route } from '../../http/route.js'
import type { Dialect } from '../../profiles/dialect.js'

type SpokenDialect = Pick<Dialect, 'name' | 'wire'>

/**
 * What the try-it page has to know of this server, as a module: the operations there are, what each is sent, the cookie
 * of a dialect, and the sentences of refusals. Read off the routes, so that the page shows what the server does.
 */
export const spokenScript = (routes: readonly Route[], { name, wire }: SpokenDialect): string => {
  const operations = Object.fromEntries(
    routes
      .filter(({ tag }) => tag !== 'Pages')
      .map((route) => [`${route.method} ${route.path}`, operationOf(route)]),
  )
  const dialect = { name, operations, ...(wire?.cookie && { cookie: 'refresh_token' }) }
  return [
    `export const dialect = ${JSON.stringify(dialect, null, 2)}\n`,
    `export const sentences = ${JSON.stringify(sentences, null, 2)}\n`,
  ].join('\n')
}

/** What each refusal says: those of a sign-in through a provider come back as a code in the address. */
const sentences = Object.fromEntries(
  Object.entries(catalogue).map(([code, { detail }]) => [code, detail]),
)

const operationOf = ({ access, body, query }: Route): object => ({
  access,
  ...(query && { parameters: requiredOf(query) }),
  ...(body && { fields: membersOf(body), required: requiredOf(body) }),
})
