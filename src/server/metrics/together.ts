import { type Figures, loadPrometheus, type MetricsText } from './prometheus.js'

/** The figures of several processes as those of one server: added up, but for what has no sum. */
export const textOf = async (processes: readonly Figures[]): Promise<MetricsText> => {
  const { AggregatorRegistry } = await loadPrometheus()
  const registry = AggregatorRegistry.aggregate([...processes])
  return { type: registry.contentType, text: await registry.metrics() }
}
