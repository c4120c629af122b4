import type { Document } from 'bson'

/** What DocumentDB and PostgreSQL raise, in the numbers of MongoDB. */
export type Refusal = { code: number; codeName: string; errmsg: string }

const meanings: Readonly<Record<string, readonly [number, string]>> = {
  M0001: [2, 'BadValue'],
  M0008: [26, 'NamespaceNotFound'],
  M000S: [86, 'IndexKeySpecsConflict'],
  M001C: [11000, 'DuplicateKey'],
  '23505': [11000, 'DuplicateKey'],
  '23P01': [11000, 'DuplicateKey'],
  '40001': [112, 'WriteConflict'],
  '40P01': [112, 'WriteConflict'],
  '55P03': [112, 'WriteConflict'],
}

export const refusal = (code: number, codeName: string, errmsg: string): Refusal => ({
  code,
  codeName,
  errmsg,
})

export const toRefusal = (state: string, message: string): Refusal => {
  const [code, name] = meanings[state] ?? [1, 'InternalError']
  return refusal(code, name, code === 1 ? `${state}: ${message}` : message)
}

/** In answers DocumentDB packs an SQLSTATE into a number, six bits for each sign. */
export const unpackState = (packed: number): string =>
  [0, 6, 12, 18, 24].map((shift) => String.fromCharCode(48 + ((packed >> shift) & 63))).join('')

export const writeErrorsOf = (reply: Document): Document[] =>
  Array.isArray(reply.writeErrors) ? reply.writeErrors : []

export const toReply = (given: Refusal, labels: readonly string[] = []): Document => ({
  ok: 0,
  ...given,
  ...(labels.length > 0 && { errorLabels: labels }),
})
