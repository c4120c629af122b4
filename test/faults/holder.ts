import { type Caller, pause, refresh } from './calls.js'

/** Keeps one session alive: asks with the last token it was given, until that token is answered. */
export const createHolder = (
  caller: Caller,
  { token: first, graceSeconds }: { token: string; graceSeconds: number },
) => {
  let token = first
  let rotations = 0
  const last: string[] = []

  const rotate = async (): Promise<void> => {
    const started = performance.now()
    while (performance.now() - started < graceSeconds * 1000) {
      const answer = await refresh(caller, token).catch((error: Error) => error.message)
      const told =
        typeof answer === 'string' ? answer : `${answer.status} ${answer.body.code ?? ''}`
      last.push(`${new Date().toISOString()} ${token.slice(0, 36)} → ${told}`)
      if (last.length > 200) last.shift()
      if (typeof answer === 'string' || answer.status === 503) {
        await pause(10)
        continue
      }
      if (answer.status !== 200 || answer.body.refresh_token === undefined)
        throw new Error(`A session was lost. The last requests:\n${last.join('\n')}`)
      token = answer.body.refresh_token
      rotations += 1
      return
    }
    throw new Error(`No answer within the grace. The last requests:\n${last.slice(-20).join('\n')}`)
  }

  return { rotate, rotations: () => rotations }
}
