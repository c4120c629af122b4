// `npm run bench`: measures the built package, so it is brought up to date first. Arguments go to bench/bench.ts.
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { failAndExit, run } from './run.mjs'
import { root } from './sources.mjs'

const progress = createProgress({ stream: process.stderr })
const all = process.argv.slice(2)
const [first, ...others] = all
const [program, words] = ['growth', 'import'].includes(first)
  ? [`${first}.ts`, others]
  : [all.includes('--profile') ? 'profile.ts' : 'bench.ts', all]
try {
  await ensureInstalled(progress)
  await ensureBuilt(progress)
  const bench = ['--import', 'tsx', join('bench', program), ...words]
  const { code } = await run(process.execPath, bench, { cwd: root, show: true })
  process.exitCode = code
} catch (error) {
  failAndExit(error)
}
