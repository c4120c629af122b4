import { expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import type { News } from '../../lib/peers.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { withPorts } from '../../stores/with-ports.js'
import { createTestAuth } from '../../testing/test-auth.js'
import type { FromPrimary, FromWorker, Line } from './messages.js'
import { createSwitchboard } from './switchboard.js'
import { createToldPeers } from './told-peers.js'

const here = { address: '192.0.2.1' }

/** So many workers on one primary; what they say arrives in a later turn. */
const joined = (count: number) => {
  const lines = new Set<Line>()
  const switchboard = createSwitchboard({ lines })
  return Array.from({ length: count }, () => {
    const side = createToldPeers(count, (message: FromWorker) => {
      setImmediate(() => switchboard.take(line, message))
    })
    const line: Line = {
      send: (message: FromPrimary) => {
        setImmediate(() => {
          if (message.kind === 'news' || message.kind === 'heard') side.hear(message)
        })
      },
    }
    lines.add(line)
    const leave = (): void => {
      lines.delete(line)
      switchboard.leave(line)
    }
    return { peers: side.peers, line, leave }
  })
}

test('what one tells all others have heard when it is told so, and itself does not hear it', async () => {
  const all = joined(3)
  const heard: News[][] = all.map(() => [])
  for (const [index, { peers }] of all.entries()) peers.listen((news) => heard[index]?.push(news))
  await all[0]?.peers.tell({ about: 'session', id: 'a' })

  expect(heard).toEqual([[], [{ about: 'session', id: 'a' }], [{ about: 'session', id: 'a' }]])
})

test('nobody waits for one that is gone, and not for long for one that says nothing', async () => {
  const [one, gone, silent] = joined(3)
  if (gone === undefined || silent === undefined) throw new Error('three workers')
  gone.line.send = () => gone.leave()
  await one?.peers.tell({ about: 'keys' })
  silent.line.send = () => {}
  const began = performance.now()
  await one?.peers.tell({ about: 'keys' })

  expect(performance.now() - began).toBeLessThan(5_000)
})

test('a session that ends in one process, and a key that is made there, are known in the other at once', async () => {
  const store = memoryStore()
  const [one, other] = joined(2)
  if (one === undefined || other === undefined) throw new Error('two workers')
  const first = await createTestAuth({ store: withPorts(store, { peers: one.peers }) })
  const { clock } = first
  const second = createAuth({ store: withPorts(store, { peers: other.peers }), clock })
  const { accessToken } = await first.auth.login(first.ada, here)
  const { user, session } = await second.authenticate(accessToken)
  await first.auth.sessions.end(user.id, session.id, here)
  await expect(second.authenticate(accessToken)).rejects.toMatchObject({ code: 'invalid_token' })

  const before = (await second.keys.jwks()).keys.length
  await first.auth.keys.rotate()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await second.keys.jwks()).keys).toHaveLength(before + 1)
})
