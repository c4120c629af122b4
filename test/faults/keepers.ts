import { type Answer, type Caller, password, pause, refresh, signUp } from './calls.js'

/** People who remember what they were told, and find out later whether it still holds. */
export type Keeper = {
  /** Does something, and remembers the answer if one came. @throws when an earlier answer does not hold */
  act(): Promise<void>
  /** How many answers hold. @throws when one does not */
  check(): Promise<number>
}

/** Asks until an answer comes that is not "later". */
const insist = async (ask: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined && answer.status !== 503) return answer
    await pause(10)
  }
}

/** Registers one account after the other, and signs out of every other. */
export const createNewcomers = (caller: Caller, name: string): Keeper => {
  const told: { token: string; status: 200 | 401 }[] = []
  let count = 0
  return {
    act: async () => {
      count += 1
      const body = { email: `${name}-${count}@example.com`, password }
      const answer = await caller.tryCall('POST', '/auth/register', { body })
      const token = answer?.body.refresh_token
      if (answer?.status !== 201 || token === undefined) return
      if (count % 2 === 1) told.push({ token, status: 200 })
      else if (await signOut(caller, token)) told.push({ token, status: 401 })
    },
    check: async () => {
      for (const { token, status } of told) {
        const answer = await insist(() => refresh(caller, token))
        if (answer.status !== status) throw new Error(`${name}: ${answer.text} for ${status}`)
      }
      return told.length
    },
  }
}

/** False when no answer came: the session may live, or not. */
const signOut = async (caller: Caller, token: string): Promise<boolean> => {
  const body = { refresh_token: token }
  const answer = await caller.tryCall('POST', '/auth/logout', { body })
  return answer?.status === 204
}

/** Changes the password again and again. */
export const createChanger = async (caller: Caller, email: string): Promise<Keeper> => {
  let { accessToken: token } = await signUp(caller, email)
  let sure = password
  let changes = 0

  const signIn = (tried: string): Promise<Answer> =>
    insist(() => caller.call('POST', '/auth/login', { body: { email, password: tried } }))
  const enterWith = async (...candidates: readonly string[]): Promise<void> => {
    for (const candidate of candidates) {
      const { status, body } = await signIn(candidate)
      if (status !== 200 || body.access_token === undefined) continue
      sure = candidate
      token = body.access_token
      return
    }
    throw new Error(`${email}: none of ${candidates.join(', ')} is the password`)
  }

  return {
    act: async () => {
      const next = `${password} ${changes + 1}`
      const body = { current_password: sure, new_password: next }
      const answer = await caller.tryCall('POST', '/auth/password/change', { body, token })
      if (answer?.status === 200 && answer.body.access_token !== undefined) {
        changes += 1
        sure = next
        token = answer.body.access_token
      } else await enterWith(...(answer === undefined ? [next, sure] : [sure]))
    },
    check: async () => {
      await enterWith(sure)
      return changes
    },
  }
}
