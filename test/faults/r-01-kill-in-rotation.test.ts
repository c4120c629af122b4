import { expect, test } from 'vitest'
import { type Caller, createCaller, pause, refresh, signUp } from './calls.js'
import type { GroundName } from './ground.js'
import { grounds, onGrounds } from './grounds.js'
import { createRandom, isLong, isMain, runUnderKills, say } from './runs.js'
import { expectSound } from './sound.js'

/** kill -9 during rotation loses no session. */
const clients = 20
// beside other tests a start may take longer than the default grace: that is slow, not forgetful
const graceSeconds = isLong ? 10 : 60

const seconds = (name: GroundName): number => (isMain(name) ? 3 : 1.5)
const fewestRotations = isLong ? 2000 : clients

onGrounds('R-01', grounds, (open, name) => {
  test('a server killed in the midst of rotations loses no session', async () => {
    const random = createRandom(`R-01 on ${name}`)
    const ground = await open()
    const server = await ground.start({
      env: { LOG_LEVEL: 'warn', REFRESH_TOKEN_GRACE_SECONDS: String(graceSeconds) },
    })
    const caller = createCaller(server)
    const holders = await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        const { refreshToken } = await signUp(caller, `holder${index}@example.com`)
        return createHolder(caller, refreshToken)
      }),
    )

    const { kills, medianRestart, longestRestart } = await runUnderKills({
      server,
      caller,
      kills: isLong ? 200 : 25,
      seconds: seconds(name),
      random,
      clients,
      client: async (index, isOver) => {
        while (!isOver()) await holders[index]?.rotate()
      },
    })

    const rotations = holders.reduce((sum, holder) => sum + holder.rotations(), 0)
    const replays = (await ground.look.events('session.replayed')).length
    say(
      `R-01 on ${name}: ${kills} kills, ${rotations} rotations, ${replays} lost answers repeated, 0 sessions lost, restart ${medianRestart} ms (longest ${longestRestart} ms)`,
    )
    expect(rotations).toBeGreaterThanOrEqual(fewestRotations)
    for (const holder of holders) await holder.rotate() // every family has a live tip
    const sessions = await ground.look.sessions()
    expect(sessions.filter(({ revokedAt }) => revokedAt !== null)).toEqual([])
    expect(sessions).toHaveLength(clients)
    await expectSound(ground)
  })
})

/** Keeps one session alive: asks with the last token it was given, until that token is answered. */
const createHolder = (caller: Caller, first: string) => {
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
