import { descriptorsOf, memoryMib } from '../../test/process-figures.js'

/** What a process holds, second by second. */
type Sample = { seconds: number; memory: number; descriptors: number }

export type Held = {
  /** Least squares through what was seen after the warm-up. */
  perTenMinutes: { memory: number; descriptors: number }
  memory: { first: number; last: number; highest: number }
  descriptors: { lowest: number; highest: number }
}

export const watch = (pid: number) => {
  const samples: Sample[] = []
  const started = performance.now()
  const looking = setInterval(() => {
    const seconds = (performance.now() - started) / 1000
    samples.push({ seconds, memory: memoryMib(pid), descriptors: descriptorsOf(pid) })
  }, 1_000)

  return {
    /** @param warmUp seconds at the beginning that do not count */
    stop: (warmUp: number): Held => {
      clearInterval(looking)
      const counted = samples.filter(({ seconds }) => seconds >= warmUp)
      const memory = counted.map((sample) => sample.memory)
      const descriptors = counted.map((sample) => sample.descriptors)
      return {
        perTenMinutes: {
          memory: slopeOf(counted, ({ memory }) => memory) * 600,
          descriptors: slopeOf(counted, ({ descriptors }) => descriptors) * 600,
        },
        memory: {
          first: memory[0] ?? 0,
          last: memory.at(-1) ?? 0,
          highest: Math.max(...memory),
        },
        descriptors: { lowest: Math.min(...descriptors), highest: Math.max(...descriptors) },
      }
    },
  }
}

const slopeOf = (samples: readonly Sample[], heldBy: (sample: Sample) => number): number => {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [time, held] = [mean(({ seconds }) => seconds), mean(heldBy)]
  const spread = samples.reduce((sum, { seconds }) => sum + (seconds - time) ** 2, 0)
  const rise = samples.reduce(
    (sum, sample) => sum + (sample.seconds - time) * (heldBy(sample) - held),
    0,
  )
  return spread === 0 ? 0 : rise / spread
}
