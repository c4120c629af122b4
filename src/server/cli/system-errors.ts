/** Faults of the machine, each as one sentence that says what to do. */
export const systemSentence = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code, address = '', port = 0, path = '' } = membersOf(error)
  const place = path === '' ? 'a file' : path
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken: another program listens on ${address}, perhaps another latchkey. Stop it, or choose another port: latchkey serve --port ${Number(port) + 1}`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine has no address ${address}. Set HOST to one it has: 127.0.0.1 for this machine only, 0.0.0.0 for all`
    case 'EACCES':
    case 'EPERM':
      return port
        ? `Port ${port} needs more rights than this user has. Choose a port from 1024 on: latchkey serve --port 8000`
        : `This user may not use ${place}. Check who owns it and its permissions`
    case 'ENOSPC':
      return `The disk is full (${place}). Make room and try again`
    case 'EROFS':
      return `${place} lies on a disk that is read-only. Choose another place with DATABASE_URL`
    default:
      return undefined
  }
}

const membersOf = (error: Error) => ({
  code: textIn(error, 'code'),
  address: textIn(error, 'address') ?? textIn(error, 'hostname'),
  port: textIn(error, 'port'),
  path: textIn(error, 'path'),
})

const textIn = (error: Error, member: string): string | undefined => {
  const value = Object.entries(error).find(([name]) => name === member)?.[1]
  return value === undefined ? undefined : String(value)
}
