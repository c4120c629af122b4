/** What the operator has to do when a connection cannot be encrypted; the sentences are those of Node and the drivers. */
export const explainTls = (error: unknown): string | undefined => {
  const message = error instanceof Error ? error.message : ''
  if (/does not support (?:SSL|TLS|secure)/i.test(message))
    return 'asks for TLS, which the server does not offer. Turn it on there, or leave sslmode out'
  if (/certificate|self[- ]signed|altnames|unable to verify/i.test(message)) {
    return 'leads to a server whose certificate is not trusted. Name the CA that signed it: sslrootcert=<file>; and use the host name that stands in it'
  }
  return undefined
}
