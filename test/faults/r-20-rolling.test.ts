import { expect, onTestFinished, test } from 'vitest'
import { type Answer, createCaller, password, pause, quantile, signUp } from './calls.js'
import { grounds, onGrounds } from './grounds.js'
import { openProxy } from './proxy.js'
import { isLong, say } from './runs.js'
import { expectSound } from './sound.js'

/** instances are restarted one after the other behind a balancer, and nobody notices. */
const restarts = isLong ? 10 : 2
const everyMilliseconds = 20 // 50 requests a second

onGrounds('R-20', isLong ? grounds : ['sqlite', 'postgres'], (open, name) => {
  test('rolling restarts behind a balancer that asks who is ready: no request fails', async () => {
    const ground = await open()
    const env = { LOG_LEVEL: 'warn', SHUTDOWN_DELAY: '1' }
    const [one, other] = [await ground.start({ env }), await ground.start({ env })]
    const proxy = await openProxy([one, other])
    onTestFinished(proxy.close)
    const caller = createCaller(proxy)
    const { accessToken: token } = await signUp(caller, 'ada@example.com')

    const answers: Promise<Answer>[] = []
    const asking = setInterval(() => {
      const isLogin = answers.length % 5 === 0
      answers.push(
        isLogin
          ? caller.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
          : caller.call('GET', '/auth/me', { token }),
      )
    }, everyMilliseconds)
    onTestFinished(() => clearInterval(asking))
    const endings: number[] = []
    for (let count = 0; count < restarts; count += 1) {
      const server = count % 2 === 0 ? one : other
      const started = performance.now()
      expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
      endings.push(performance.now() - started)
      await server.restart()
      await pause(200) // until the balancer has seen it
    }
    clearInterval(asking)
    const statuses = (await Promise.all(answers)).map(({ status }) => status)

    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(statuses.length).toBeGreaterThan(restarts * 20)
    const longest = Math.round(Math.max(...endings))
    expect(longest).toBeLessThan(10_000)
    await expectSound(ground)
    say(
      `R-20 on ${name}: ${restarts} rolling restarts, ${statuses.length} requests, 0 failed; SIGTERM to exit 0 median ${Math.round(quantile(endings, 0.5))} ms, longest ${longest} ms`,
    )
  })
})

onGrounds('R-20', isLong ? ['sqlite', 'postgres'] : [], (open, name) => {
  test('SIGHUP to a server of two workers, again and again: no request fails, without a balancer', async () => {
    const ground = await open()
    const server = await ground.start({ env: { WORKERS: '2' } })
    // connections that lie idle are closed, as at every end of a server, and some clients notice too late
    const caller = createCaller(server, { keepAlive: false })
    const { accessToken: token } = await signUp(caller, 'ada@example.com')
    const answers: Promise<Answer>[] = []
    const asking = setInterval(() => {
      const isLogin = answers.length % 5 === 0
      answers.push(
        isLogin
          ? caller.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
          : caller.call('GET', '/auth/me', { token }),
      )
    }, everyMilliseconds)
    onTestFinished(() => clearInterval(asking))
    const renewed = () => server.log().split('the workers were restarted').length - 1
    for (let count = 1; count <= restarts; count += 1) {
      process.kill(server.pid(), 'SIGHUP')
      while (renewed() < count) await pause(100)
    }
    clearInterval(asking)
    const statuses = (await Promise.all(answers)).map(({ status }) => status)

    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
    say(
      `R-20 on ${name}: ${restarts} restarts of two workers, ${statuses.length} requests, 0 failed`,
    )
  }, 300_000)
})

onGrounds(
  'R-20',
  isLong ? ['postgres'] : [],
  (open) => {
    test('a store that does not let go: it ends by force after 15 s', async () => {
      const ground = await open()
      const server = await ground.start({ env: { LOG_LEVEL: 'error' } })
      const caller = createCaller(server)
      const { accessToken: token } = await signUp(caller, 'ada@example.com')
      ground.own().pause()
      const asked = caller.tryCall('GET', '/auth/me', { token })
      const started = performance.now()
      await server.end('SIGTERM')
      const milliseconds = performance.now() - started
      ground.own().resume()
      await asked

      expect(milliseconds).toBeLessThan(16_000)
      say(`R-20: a frozen database: ended after ${Math.round(milliseconds)} ms`)
    })
  },
  { own: true },
)
