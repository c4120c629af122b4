// `npm run faults:long`: the tests of test/faults/ as long as docs/promises.md wants them. Arguments go to vitest.
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { failAndExit, run } from './run.mjs'
import { root } from './sources.mjs'

const progress = createProgress({ stream: process.stdout })
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const filters = process.argv.slice(2)

try {
  await ensureInstalled(progress)
  await ensureBuilt(progress)
  // one file after the other: each of them wants the whole machine
  const args = ['run', '--no-file-parallelism', ...(filters.length > 0 ? filters : ['test/faults'])]
  const options = { cwd: root, env: { ...process.env, FAULTS: 'long' }, show: true }
  const { code } = await run(process.execPath, [vitest, ...args], options)
  process.exitCode = code
} catch (error) {
  failAndExit(error)
}
