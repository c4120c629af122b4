// `npm run soak`: the built server under a mixed load for half an hour, or `-- --minutes 5`. Arguments go to bench/soak.ts.
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { failAndExit, run } from './run.mjs'
import { root } from './sources.mjs'

const progress = createProgress({ stream: process.stderr })
try {
  await ensureInstalled(progress)
  await ensureBuilt(progress)
  const soak = ['--import', 'tsx', join('bench', 'soak.ts'), ...process.argv.slice(2)]
  const { code } = await run(process.execPath, soak, { cwd: root, show: true })
  process.exitCode = code
} catch (error) {
  failAndExit(error)
}
