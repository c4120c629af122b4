import type { News, Peers } from '../../lib/peers.js'
import type { FromPrimary, FromWorker } from './messages.js'

/** The other workers, reached by way of the primary. */
type Message = Extract<FromPrimary, { kind: 'news' | 'heard' }>

/** Whoever does not hear by then is busy, and finds out by itself within a second. */
const patienceMilliseconds = 500

export const createToldPeers = (count: number, send: (message: FromWorker) => void) => {
  const listeners: ((news: News) => void)[] = []
  const waiting = new Map<number, () => void>()
  let lastId = 0

  const tell: Peers['tell'] = (news) => {
    lastId += 1
    const id = lastId
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(late)
        waiting.delete(id)
        resolve()
      }
      const late = setTimeout(done, patienceMilliseconds)
      waiting.set(id, done)
      send({ kind: 'news', id, news })
    })
  }

  const hear = (message: Message): void => {
    if (message.kind === 'heard') {
      waiting.get(message.id)?.()
      return
    }
    for (const listener of listeners) listener(message.news)
    send({ kind: 'heard', id: message.id })
  }

  const peers: Peers = { count, tell, listen: (listener) => listeners.push(listener) }
  return { peers, hear }
}
