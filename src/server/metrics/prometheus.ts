import type { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Figures as Prometheus reads them. The package is loaded when somebody asks for metrics, and not before. */
export type Prometheus = typeof import('prom-client')

export const loadPrometheus = (): Promise<Prometheus> => import('prom-client')

/** What a process has counted, as JSON, so that it can be sent to another one. */
export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** What is answered to who asks. */
export type MetricsText = { type: string; text: string }

/** Makes figures of one registry. */
export const createBook = ({ Counter, Gauge, Histogram }: Prometheus, registry: Registry) => ({
  counter: <Label extends string>(name: string, help: string, labels: readonly Label[] = []) =>
    new Counter({ name, help, labelNames: [...labels], registers: [registry] }),
  gauge: <Label extends string>(name: string, help: string, labels: readonly Label[] = []) =>
    new Gauge({ name, help, labelNames: [...labels], registers: [registry] }),
  histogram: <Label extends string>(
    name: string,
    help: string,
    { labels, buckets }: { labels: readonly Label[]; buckets: number[] },
  ) => new Histogram({ name, help, labelNames: [...labels], buckets, registers: [registry] }),
})
export type Book = ReturnType<typeof createBook>
export type { Counter, Gauge, Histogram }
