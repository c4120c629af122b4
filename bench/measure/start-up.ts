import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { main, startLatchkey } from '../contenders.js'
import { freePort, startNode, startProgram, untilHealthy } from '../processes.js'
import type { Sample } from '../sample.js'

/** From the start of a process to its first 200 on /health, or to its end. Milliseconds. */
export const measureStartUp = async (folder: string): Promise<Sample> => {
  const output = join(folder, 'start.log')
  const untilEnd = (words: readonly string[]) =>
    timed(async () => {
      await once(startNode(words, { core: undefined, output }).child, 'exit')
    })
  const fresh = mkdtempSync(join(folder, 'fresh-'))
  const serve = () =>
    timed(async () => (await startLatchkey({ folder: fresh, core: undefined })).stop)

  return {
    'start.node': await untilEnd(['-e', '0']),
    'start.version': await untilEnd([main, '--version']),
    'start.fresh': await serve(),
    'start.ready': await serve(),
    'start.npm': await timed(() => npmStart(fresh, output)),
  }
}

const npmStart = async (folder: string, output: string): Promise<() => Promise<void>> => {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const program = startProgram(['npm', 'start'], {
    core: undefined,
    environment: { PORT: String(port), DATABASE_URL: `sqlite:${join(folder, 'npm.db')}` },
    output,
  })
  await untilHealthy(port, program)
  return program.stop
}

/** How long the work took; what it hands back is done afterwards and not counted. */
const timed = async (work: () => Promise<(() => Promise<void>) | undefined | void>) => {
  const startedAt = performance.now()
  const after = await work()
  const milliseconds = performance.now() - startedAt
  await after?.()
  return milliseconds
}
