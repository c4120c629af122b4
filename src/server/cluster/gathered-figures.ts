import type { Figures } from '../metrics/prometheus.js'
import type { FromWorker, Line } from './messages.js'

/** What each worker has counted, for who looks at /metrics. One that does not answer in time is left out. */
const patienceMilliseconds = 1_000

export const createGatheredFigures = () => {
  const waiting = new Map<number, (figures: Figures) => void>()
  let lastId = 0

  return {
    gather: (lines: readonly Line[]): Promise<Figures[]> => {
      lastId += 1
      const id = lastId
      const found: Figures[] = []
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(late)
          waiting.delete(id)
          resolve(found)
        }
        const late = setTimeout(end, patienceMilliseconds)
        waiting.set(id, (figures) => {
          found.push(figures)
          if (found.length === lines.length) end()
        })
        for (const line of lines) line.send({ kind: 'figures', id })
      })
    },
    take: ({ id, figures }: Extract<FromWorker, { kind: 'figures' }>): void =>
      waiting.get(id)?.(figures),
  }
}
