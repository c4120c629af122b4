/** A JSON schema, or the document around it. */
export type Schema = { [member: string]: Schema }

/** Answers may grow in the document, but to a test a member that nobody wrote down is a mistake. */
export const closed = (schema: Schema): Schema => {
  if (Array.isArray(schema) || typeof schema !== 'object' || schema === null) return schema
  const members = Object.entries(schema).map(([name, value]) => [name, closed(value)])
  const close = 'properties' in schema ? { additionalProperties: false } : {}
  return { ...close, ...Object.fromEntries(members) }
}
