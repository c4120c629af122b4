import { expect, test } from 'vitest'
import { type Kept, kept, loadFixture, readStory } from '../fixtures/load.js'
import type { Person } from '../fixtures/story.js'
import { type Caller, createCaller, refresh } from './calls.js'
import { databaseFile } from './database.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { say } from './runs.js'
import { later } from './skew.js'

/** the database of every release is taken over: whoever could come in can come in, whoever could not still cannot. */
const releases: readonly { release: string; stores: readonly Kept[] }[] = [
  { release: '0.1.0-preview', stores: ['sqlite'] }, // c20f13d, whose schema had one migration
  { release: '0.1.0', stores: kept },
]

const placeOf = ({ name, folder, databaseUrl }: Ground): string =>
  name === 'sqlite' ? databaseFile(folder) : databaseUrl

/** How far the server's clock has to be set back to live on that day. */
const minutesAfter = (at: string): Record<string, string> =>
  later(Math.round((Date.parse(at) - Date.now()) / 1000) + 60)

for (const { release, stores } of releases) {
  onGrounds('R-22', stores, (open, name) => {
    const kind = stores.find((each) => each === name) ?? 'sqlite'

    test(`a database of ${release}: accounts, sessions, tokens and keys work as they did`, async () => {
      const ground = await open()
      const { at, settings, people, events } = readStory(release, kind)
      await loadFixture(release, kind, placeOf(ground))
      const before = await ground.look.migrations()
      const server = await ground.start({ env: { ...settings, ...minutesAfter(at) } })
      const caller = createCaller(server)

      expect(await ground.look.with((store) => store.pendingMigrations())).toEqual([])
      for (const person of people) await expectAsBefore(caller, person)
      expect((await ground.look.events()).slice(0, events)).toHaveLength(events)
      const keys = await ground.look.with((store) => store.keys.list())
      expect(keys).toHaveLength(2)
      const after = await ground.look.migrations()
      say(
        `R-22 on ${name}: ${release} taken over, migrations ${before.length} → ${after.length}, ${people.length} accounts as they were`,
      )
    })
  })
}

const expectAsBefore = async (caller: Caller, person: Person): Promise<void> => {
  const { who, credentials, accessToken, refreshToken, expected, sessions } = person
  const me = await caller.call('GET', '/auth/me', { token: accessToken })
  expect(me.status, `${who}: ${me.text}`).toBe(expected.me)
  if (expected.me === 200) {
    expect(me.body.first_name, who).toBe('Zoë 漢')
    const list = await caller.call('GET', '/auth/sessions', { token: accessToken })
    expect(JSON.parse(list.text).sessions, who).toHaveLength(sessions)
  }
  const refreshed = await refresh(caller, refreshToken)
  expect(refreshed.status, `${who}: ${refreshed.text}`).toBe(expected.refresh)
  if (expected.refresh === 200) {
    const successor = await refresh(caller, refreshed.body.refresh_token ?? '')
    expect(successor.status, who).toBe(200)
  }
  for (let times = 0; times < 2; times += 1) {
    // the second with a hash of today
    const login = await caller.call('POST', '/auth/login', { body: credentials })
    expect(login.status, `${who}: ${login.text}`).toBe(expected.login)
  }
}
