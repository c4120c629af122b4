import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { type Route, route } from '../../src/http/http.js'
import type { SignedIn } from '../../src/index.js'

/** Checked by tsc, which the test command runs first: an expected error that does not come is an error. */
const common = { method: 'GET', path: '/x', summary: 'x', tag: 'Service' } as const
const raw = async () => ({ contentType: 'text/plain', body: 'x' })

test('a route says who may use it, or does not compile', () => {
  route({ ...common, access: 'public', answers: { 200: 'Raw' }, handle: raw })
  // @ts-expect-error access is missing
  route({ ...common, answers: { 200: 'Raw' }, handle: raw })
  // @ts-expect-error there is no such access
  route({ ...common, access: 'everybody', answers: { 200: 'Raw' }, handle: raw })
})

test('only routes for signed-in users are told who is there', () => {
  route({
    ...common,
    access: 'bearer',
    answers: { 200: 'Raw' },
    handle: async ({ signedIn }) => {
      expectTypeOf(signedIn).toEqualTypeOf<SignedIn>()
      return raw()
    },
  })
  route({
    ...common,
    access: 'public',
    answers: { 200: 'Raw' },
    handle: async (input) => {
      // @ts-expect-error nobody has been asked
      input.signedIn
      return raw()
    },
  })
})

test('what a route answers fits the shape it names', () => {
  // @ts-expect-error a picture is no Grant
  route({ ...common, access: 'public', answers: { 200: 'Grant' }, handle: raw })
  // @ts-expect-error there is no such shape
  route({ ...common, access: 'public', answers: { 200: 'Poem' }, handle: raw })
  // @ts-expect-error one success is needed
  route({ ...common, access: 'public', answers: { 404: 'not_found' }, handle: raw })
})

test('what a route refuses stands in the catalogue', () => {
  const answers = { 200: 'Raw', 404: 'not_found' } as const
  route({ ...common, access: 'public', answers, handle: raw })
  // @ts-expect-error there is no such refusal
  const wrong: Parameters<typeof route>[0]['answers'] = { 200: 'Raw', 404: 'not_fond' }
  expectTypeOf(wrong).not.toBeAny()
})

test('the body is what the schema makes of it', () => {
  const made = route({
    ...common,
    access: 'public',
    body: z.strictObject({ count: z.string().transform(Number) }),
    answers: { 200: 'Raw' },
    handle: async ({ body }) => {
      expectTypeOf(body).toEqualTypeOf<{ count: number }>()
      return raw()
    },
  })
  expectTypeOf(made).toEqualTypeOf<Route>()
})
