import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { createProviderCalls } from './provider-calls.js'

/** Providers that do not do what they should, as real servers on this machine. */
const servers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((stop) => stop()))
})

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const address: AddressInfo | string | null = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
}

const acme = { name: 'acme', title: 'Acme' }
const json = { 'content-type': 'application/json' }
const refused = { code: 'provider_unavailable', status: 503, provider: 'acme' }

/** Not even asked: there nobody would answer anyway. */
const unsafe = {
  ...refused,
  cause: { message: 'its address is neither https nor of this machine' },
}

const ask = async (listener: RequestListener, deadline?: AbortSignal) => {
  const calls = createProviderCalls({})
  const url = await serve(listener)
  return { calls, url, answer: calls.within(acme, deadline)(`${url}?secret=hush`, {}) }
}

const megabyte = Buffer.alloc(1_048_576, 0x20)

const wrongs: Record<string, RequestListener> = {
  'the connection is reset': (request) => request.socket.resetAndDestroy(),
  'the connection ends in the middle': (_request, response) => {
    response.writeHead(200, { ...json, 'content-length': '100' })
    response.write('{"a":')
    setTimeout(() => response.destroy(), 20)
  },
  'it answers 500': (_request, response) => response.writeHead(500, json).end('{}'),
  'it answers 500 and goes on for ever': (_request, response) => {
    response.writeHead(503, json)
    response.write('{')
  },
  'it sends us to another address': (_request, response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
  'it sends us elsewhere for good': (_request, response) =>
    response.writeHead(308, { location: '/there' }).end(),
  'it answers 304': (_request, response) => response.writeHead(304).end(),
  'it sends 10 MB and says so': (_request, response) => {
    response.writeHead(200, { ...json, 'content-length': String(10 * megabyte.length + 2) })
    for (let part = 0; part < 10; part += 1) response.write(megabyte)
    response.end('{}') // sound, but for its length
  },
  'it sends 10 MB without a length': (_request, response) => {
    response.writeHead(200, json)
    for (let part = 0; part < 10; part += 1) response.write(megabyte)
    response.end('{}') // sound, but for its length
  },
  'it packs 50 MB into 50 KB': (_request, response) =>
    response
      .writeHead(200, { ...json, 'content-encoding': 'gzip' })
      .end(gzipSync(`${' '.repeat(50 * megabyte.length)}{}`)),
  'it says that it is packed, and is not': (_request, response) =>
    response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end('{}'),
  'a member is there twice': (_request, response) =>
    response.writeHead(200, json).end('{"aud":"us","aud":"them"}'),
  'a number is none': (_request, response) => response.writeHead(200, json).end('{"exp":NaN}'),
  'it is nested too deep': (_request, response) =>
    response.writeHead(200, json).end('['.repeat(5000) + ']'.repeat(5000)),
  'it names __proto__': (_request, response) =>
    response.writeHead(200, json).end('{"__proto__":{"email_verified":true}}'),
  'its JSON is half of one': (_request, response) => response.writeHead(200, json).end('{"a":'),
  'its JSON is empty': (_request, response) => response.writeHead(200, json).end(),
  'its text is no UTF-8': (_request, response) =>
    response.writeHead(200, json).end(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
}

describe('an answer that is none', () => {
  test.each(Object.entries(wrongs))('%s', async (_name, listener) => {
    const { calls, answer } = await ask(listener)
    const error: unknown = await answer.catch((reason: unknown) => reason)

    expect(error).toMatchObject(refused)
    expect(`${error} ${error instanceof Error ? error.cause : ''}`).not.toContain('hush')
    expect(calls.counts().acme).toMatchObject({ running: 0, waiting: 0, answered: 0, failed: 1 })
  })

  test('an address without TLS that is not on this machine is not even asked', async () => {
    const fetch = createProviderCalls({}).within(acme)

    await expect(fetch('http://192.0.2.1/keys', {})).rejects.toMatchObject(unsafe)
    await expect(fetch('file:///etc/passwd', {})).rejects.toMatchObject(refused)
    await expect(fetch('http://localhost.example.com/', {})).rejects.toMatchObject(unsafe)
  })
})

describe('answers', () => {
  test('of exactly 1 MiB are taken, and their length is counted', async () => {
    const body = Buffer.concat([Buffer.from('{}'), megabyte.subarray(2)])
    const { calls, answer } = await ask((_request, response) =>
      response.writeHead(200, json).end(body),
    )

    await expect((await answer).text()).resolves.toHaveLength(1_048_576)
    expect(calls.counts().acme).toMatchObject({ answered: 1, failed: 0 })
    expect(calls.counts().acme?.seconds).toBeGreaterThan(0)
  })

  test('with a refusal are answers: what they say is for who asked', async () => {
    const { answer } = await ask((_request, response) =>
      response.writeHead(400, json).end('{"error":"invalid_grant"}'),
    )

    expect((await answer).status).toBe(400)
  })

  test('without anything in them are empty', async () => {
    const { answer } = await ask((_request, response) => response.writeHead(204).end())

    await expect((await answer).text()).resolves.toBe('')
  })
})

describe('time', () => {
  const never: RequestListener = () => undefined
  const drip: RequestListener = (_request, response) => {
    response.writeHead(200, json)
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  }

  test.each([
    ['a provider that hangs', never],
    ['one that answers sign by sign', drip],
  ])('%s is left when the time of the sign-in is over', async (_name, listener) => {
    const began = performance.now()
    const { answer } = await ask(listener, AbortSignal.timeout(300))

    await expect(answer).rejects.toMatchObject(refused)
    expect(performance.now() - began).toBeLessThan(1500)
  })

  test('all calls of one sign-in share it', async () => {
    const url = await serve(async (_request, response) => {
      await wait(200)
      response.writeHead(200, json).end('{}')
    })
    const fetch = createProviderCalls({}).within(acme, AbortSignal.timeout(500))
    const began = performance.now()

    await fetch(url, {})
    await fetch(url, {})
    await expect(fetch(url, {})).rejects.toMatchObject(refused)
    expect(performance.now() - began).toBeLessThan(1500)
  })

  test('by itself a sign-in has ten seconds', async () => {
    const began = performance.now()
    const { answer } = await ask(never)

    await expect(answer).rejects.toMatchObject(refused)
    expect(performance.now() - began).toBeGreaterThan(9_500)
    expect(performance.now() - began).toBeLessThan(12_000)
  }, 15_000)
})

describe('how many', () => {
  /** Answers when it is told to, and knows how many were there at once. */
  const slow = async () => {
    const open = new Set<() => void>()
    let most = 0
    const url = await serve((_request, response) => {
      open.add(() => response.writeHead(200, json).end('{}'))
      most = Math.max(most, open.size)
    })
    const letGo = () => {
      for (const answer of open) answer()
      open.clear()
    }
    return { url, letGo, most: () => most, open: () => open.size }
  }

  test('ten to one provider, so that one that hangs leaves places to the others', async () => {
    const calls = createProviderCalls({})
    const { url, letGo, most, open } = await slow()
    const quick = await serve((_request, response) => response.writeHead(200, json).end('{}'))
    const answers = Array.from({ length: 30 }, () => calls.within(acme)(url, {}))
    await expect.poll(open).toBe(10)

    expect(calls.counts().acme).toMatchObject({ running: 10, waiting: 20 })
    await expect(calls.within({ name: 'other', title: 'Other' })(quick, {})).resolves.toBeDefined()
    const timer = setInterval(letGo, 10)
    await Promise.all(answers)
    clearInterval(timer)
    expect(most()).toBe(10)
    expect(calls.counts().acme).toMatchObject({ running: 0, waiting: 0, answered: 30, failed: 0 })
  })

  test('twenty to all of them', async () => {
    const calls = createProviderCalls({})
    const { url, letGo, most, open } = await slow()
    const answers = ['a', 'b', 'c'].flatMap((name) =>
      Array.from({ length: 10 }, () => calls.within({ name, title: name })(url, {})),
    )
    await expect.poll(open).toBe(20)
    await wait(100)

    expect(most()).toBe(20)
    const timer = setInterval(letGo, 10)
    await Promise.all(answers)
    clearInterval(timer)
  })

  test('a hundred wait; the next is told at once, and who waits leaves when the time is over', async () => {
    const calls = createProviderCalls({})
    const { url, open } = await slow()
    const deadline = AbortSignal.timeout(600)
    const waiting = Array.from({ length: 110 }, () => calls.within(acme, deadline)(url, {}))
    const settled = Promise.allSettled(waiting)
    await expect.poll(open).toBe(10)
    const began = performance.now()

    await expect(calls.within(acme)(url, {})).rejects.toMatchObject(refused)
    expect(performance.now() - began).toBeLessThan(100)
    const results = await settled
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(performance.now() - began).toBeLessThan(2000)
    await expect.poll(() => calls.counts().acme).toMatchObject({ running: 0, waiting: 0 })
  })

  test('as many wait as was said, which each line tells', async () => {
    const calls = createProviderCalls({ queue: 2, names: ['acme', 'other'] })
    const { url, open, letGo } = await slow()
    const held = Array.from({ length: 12 }, () => calls.within(acme)(url, {}))
    await expect.poll(open).toBe(10)

    await expect(calls.within(acme)(url, {})).rejects.toMatchObject(refused)
    expect(calls.lines.map(({ name, waiting, sentAway }) => [name, waiting(), sentAway()])).toEqual(
      [
        ['providers', 0, 0],
        ['provider_acme', 2, 1],
        ['provider_other', 0, 0],
      ],
    )
    const timer = setInterval(letGo, 10)
    await Promise.all(held)
    clearInterval(timer)
  })

  test('one who waits does so no longer than their own time, whoever holds the places', async () => {
    const calls = createProviderCalls({})
    const { url, open, letGo } = await slow()
    const held = Promise.all(Array.from({ length: 10 }, () => calls.within(acme)(url, {})))
    await expect.poll(open).toBe(10)
    const began = performance.now()

    await expect(calls.within(acme, AbortSignal.timeout(200))(url, {})).rejects.toMatchObject(
      refused,
    )
    expect(performance.now() - began).toBeLessThan(1000)
    letGo()
    await held
  })
})

test('with a stand-in all providers are asked there', async () => {
  const asked: (string | undefined)[] = []
  const origin = await serve((request, response) => {
    asked.push(request.url)
    response.writeHead(200, json).end('{}')
  })
  const calls = createProviderCalls({ standIn: origin.slice(0, -1) })

  await calls.within(acme)('https://accounts.example.com/token?a=b', {})
  expect(asked).toEqual(['/accounts.example.com/token?a=b'])
})
