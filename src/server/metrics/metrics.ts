import type { RequestListener, Server } from 'node:http'
import type { Auth } from '../../auth.js'
import type { Route } from '../../http/route.js'
import { createRouter } from '../../http/router.js'
import type { WaitingLine } from '../../lib/waiting-line.js'
import type { ServerSettings } from '../env.js'
import {
  connectionFigures,
  countEvents,
  type Figure,
  hashFigures,
  lineFigures,
  providerFigures,
} from './figures.js'
import { listenForMetrics } from './listener.js'
import { createBook, type Figures, loadPrometheus } from './prometheus.js'
import { countRequests } from './requests.js'

/** Metrics of a server: how busy it is, without a word about who keeps it busy. docs/guides/metrics.md */
export type Metrics = {
  /** Where /metrics is; undefined where another process tells them. */
  port: number | undefined
  /** From now on tells of what is asked of `auth`; the handler it gives back counts requests by these routes. */
  watch(handler: RequestListener, subject: Subject): RequestListener
  /** All figures, fit to be sent to another process. */
  figures(): Promise<Figures>
  close(): void
}

type Subject = { auth: Auth; routes: readonly Route[]; lines: readonly WaitingLine[] }

type Settings = Pick<ServerSettings, 'metricsHost' | 'metricsPort'>

/** Undefined, and nothing is counted, without METRICS_PORT. @throws ConfigurationError where the port cannot be had */
export const openMetrics = async (
  settings: Settings,
  { server, listens }: { server: Server; listens: boolean },
): Promise<Metrics | undefined> => {
  if (settings.metricsPort === undefined) return undefined
  const prometheus = await loadPrometheus()
  const registry = new prometheus.Registry()
  const book = createBook(prometheus, registry)
  const figures: Figure[] = [connectionFigures(book, server)]
  const count = countRequests(book)
  const look = async (): Promise<void> => {
    await Promise.all(figures.map((figure) => figure()))
  }
  const listener = listens
    ? await listenForMetrics(settings, async () => {
        await look()
        return { type: registry.contentType, text: await registry.metrics() }
      })
    : undefined
  prometheus.collectDefaultMetrics({ register: registry })

  return {
    port: listener?.port,
    watch: (handler, { auth, routes, lines }) => {
      figures.push(
        lineFigures(book, () => lines),
        hashFigures(book, auth),
        providerFigures(book, auth),
      )
      countEvents(book, auth)
      return count(handler, createRouter(routes))
    },
    figures: async () => {
      await look()
      return registry.getMetricsAsJSON()
    },
    close: () => {
      listener?.close()
      registry.clear()
    },
  }
}
