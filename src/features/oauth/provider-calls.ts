import { setMaxListeners } from 'node:events'
import { AuthError } from '../../errors.js'
import { parseJson } from '../../lib/json.js'
import { createWaitingLine, type WaitingLine } from '../../lib/waiting-line.js'
import { createGate, type Gate } from '../limits/gate.js'
import { isLocalHttp } from './local-http.js'
import type { Provider } from './providers/provider.js'

/**
 * Calls to providers. All of one sign-in end within 10 seconds together; an answer has at most 1 MiB; nobody sends us
 * anywhere else; and at most 20 are under way at once, 10 of them to one provider, so that one that hangs does not hold up
 * the others.
 */
export const callSeconds = 10
const mostBytes = 1_048_576
const mostAtOnce = 20
const mostPerProvider = 10

/** So many calls to one provider wait, unless somebody says otherwise. */
const defaultQueue = 100

/** What became of the calls to one provider since the start. */
export type CallCount = {
  running: number
  waiting: number
  answered: number
  failed: number
  /** Time of all calls together. */
  seconds: number
}

export type ProviderFetch = (url: string, init: RequestInit) => Promise<Response>

export type ProviderCalls = {
  /** A `fetch` for the calls of one sign-in. @throws AuthError `provider_unavailable` */
  within(provider: Pick<Provider, 'name' | 'title'>, deadline?: AbortSignal): ProviderFetch
  /** Where an address is, as it may be a stand-in's. */
  standIn(url: string): string
  /** Where calls wait: for each provider that was named, and for all together. */
  lines: readonly WaitingLine[]
  /** By the name of the provider. */
  counts(): Readonly<Record<string, CallCount>>
}

type Settings = {
  /** Where all providers are asked instead: their addresses, host first, as paths below this one. */
  standIn?: string | undefined
  /** How many calls to each wait. */
  queue?: number
  /** Those that will be called. */
  names?: readonly string[]
}

export const createProviderCalls = ({
  standIn,
  queue = defaultQueue,
  names = [],
}: Settings): ProviderCalls => {
  const line = lineOf('providers', queue)
  const total = createGate({ running: mostAtOnce, line })
  const books = new Map<string, Book>()

  const bookOf = (name: string): Book => {
    const book = books.get(name) ?? openBook(name, queue)
    books.set(name, book)
    return book
  }
  for (const name of names) bookOf(name)

  return {
    lines: books.size === 0 ? [] : [line, ...[...books.values()].map((book) => book.line)],
    within: (provider, deadline = AbortSignal.timeout(callSeconds * 1000)) => {
      const { gate, count } = bookOf(provider.name)
      const unavailable = (cause: unknown) =>
        new AuthError('provider_unavailable', { provider, cause })

      setMaxListeners(0, deadline) // each call of the sign-in listens for it
      const ended = over(deadline)
      ended.catch(() => undefined) // nobody may be asking when it comes

      const call = async (url: string, init: RequestInit): Promise<Response> => {
        const began = performance.now()
        try {
          deadline.throwIfAborted()
          if (!isSafe(url)) throw new Error('its address is neither https nor of this machine')
          const response = await fetch(standInFor(url, standIn), {
            ...init,
            redirect: 'manual',
            signal: deadline,
          })
          const body = await bodyOf(response)
          if (isJson(response) || body[0] === openBrace) parseJson(body) // one text means one thing, also where a library reads it
          count.answered += 1
          const { status, headers } = response
          return new Response(body.length === 0 ? null : body, { status, headers })
        } catch (error) {
          count.failed += 1
          throw unavailable(error)
        } finally {
          count.seconds += (performance.now() - began) / 1000
        }
      }

      return (url, init) => {
        const answer = gate.pass(() => total.pass(() => call(url, init)))
        return Promise.race([answer, ended]).catch((error: unknown) => {
          throw error instanceof AuthError && error.code !== 'overloaded'
            ? error
            : unavailable(error)
        })
      }
    },
    standIn: (url) => standInFor(url, standIn),
    counts: () =>
      Object.fromEntries(
        [...books].map(([name, { gate, count }]) => [name, { ...count, ...gate.load() }]),
      ),
  }
}

type Book = {
  line: WaitingLine
  gate: Gate
  count: Pick<CallCount, 'answered' | 'failed' | 'seconds'>
}

const openBook = (name: string, queue: number): Book => {
  const line = lineOf(`provider_${name}`, queue)
  return {
    line,
    gate: createGate({ running: mostPerProvider, line }),
    count: { answered: 0, failed: 0, seconds: 0 },
  }
}

/** Nobody waits longer than their sign-in may take, so this bounds memory and nothing else. */
const lineOf = (name: string, most: number): WaitingLine =>
  createWaitingLine({ name, option: 'OAUTH_QUEUE', most })

/** `https://host/path` at `http://localhost:9000` is `http://localhost:9000/host/path`. */
const standInFor = (url: string, standIn: string | undefined): string =>
  standIn === undefined ? url : url.replace(/^https:\/\//, `${standIn}/`)

/** What is read as an object is one, whatever it is called. */
const openBrace = 0x7b

const isJson = ({ headers }: Response): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? '')

/** Whatever way a sign-in ends, nobody waits in line for it any longer. */
const over = (deadline: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (deadline.aborted) reject(deadline.reason)
    else deadline.addEventListener('abort', () => reject(deadline.reason), { once: true })
  })

const isSafe = (url: string): boolean => url.startsWith('https://') || isLocalHttp(url)

const bodyOf = async (response: Response): Promise<Buffer> => {
  const { status } = response
  if (status >= 300 && status < 400) return refuse(response, `it sent us elsewhere (${status})`)
  if (status >= 500) return refuse(response, `it answered ${status}`)
  return bounded(response)
}

/** Not even read: the connection is let go. */
const refuse = async ({ body }: Response, why: string): Promise<never> => {
  await body?.cancel()
  throw new Error(why)
}

/** Counted as it comes and unpacked, whatever its head says of its length. */
const bounded = async (response: Response): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > mostBytes) throw new Error('its answer has more than 1 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
