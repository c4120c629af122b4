import type { Server } from 'node:http'
import type { Auth } from '../../auth.js'
import type { WaitingLine } from '../../lib/waiting-line.js'
import type { Book } from './prometheus.js'

/** Everything but requests. What is known elsewhere is read when somebody looks, so that nobody pays in between. */
export type Figure = () => void | Promise<void>

export const connectionFigures = (book: Book, server: Server): Figure => {
  const open = book.gauge('latchkey_connections', 'Connections that are open.')
  const most = book.gauge('latchkey_connections_limit', 'MAX_CONNECTIONS.')
  const rejected = book.counter(
    'latchkey_connections_rejected_total',
    'Connections that were turned away because as many were open as may be.',
  )
  server.on('drop', () => rejected.inc())
  return () =>
    new Promise((resolve) => {
      most.set(server.maxConnections)
      server.getConnections((_, count) => {
        open.set(count ?? 0)
        resolve()
      })
    })
}

export const lineFigures = (book: Book, lines: () => readonly WaitingLine[]): Figure => {
  const waiting = book.gauge('latchkey_queue_waiting', 'Who waits in a queue.', ['queue'])
  const most = book.gauge('latchkey_queue_limit', 'How many may.', ['queue'])
  const rejected = book.counter(
    'latchkey_queue_rejected_total',
    'Who found a queue full and was answered with 503.',
    ['queue'],
  )
  return () => {
    rejected.reset()
    for (const line of lines()) {
      const labels = { queue: line.name }
      waiting.set(labels, line.waiting())
      most.set(labels, line.most)
      rejected.inc(labels, line.sentAway())
    }
  }
}

export const hashFigures = (book: Book, { hashLoad }: Pick<Auth, 'hashLoad'>): Figure => {
  const running = book.gauge(
    'latchkey_password_hashes_running',
    'Password hashes under way; the queue "passwords" tells how many wait.',
  )
  return () => running.set(hashLoad().running)
}

export const providerFigures = (
  book: Book,
  { providerCalls }: Pick<Auth, 'providerCalls'>,
): Figure => {
  const of = ['provider'] as const
  const calls = book.counter('latchkey_provider_calls_total', 'Calls to login providers.', [
    ...of,
    'outcome',
  ])
  const seconds = book.counter(
    'latchkey_provider_call_seconds_total',
    'Time that calls to login providers took.',
    of,
  )
  const running = book.gauge('latchkey_provider_calls_running', 'Calls under way.', of)
  const waiting = book.gauge('latchkey_provider_calls_waiting', 'Calls that wait.', of)
  return () => {
    calls.reset()
    seconds.reset()
    for (const [provider, count] of Object.entries(providerCalls())) {
      calls.inc({ provider, outcome: 'answered' }, count.answered)
      calls.inc({ provider, outcome: 'failed' }, count.failed)
      seconds.inc({ provider }, count.seconds)
      running.set({ provider }, count.running)
      waiting.set({ provider }, count.waiting)
    }
  }
}

/** By type and outcome, of which there is a fixed number; never by whom. */
export const countEvents = (book: Book, { onEvent }: Pick<Auth, 'onEvent'>): void => {
  const events = book.counter('latchkey_events_total', 'Events that were recorded.', [
    'type',
    'outcome',
  ])
  onEvent(({ type, outcome }) => events.inc({ type, outcome }))
}
