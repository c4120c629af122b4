// `npm run build`, and what `npm pack` calls first.
import { build } from './compile.mjs'
import { ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { failAndExit } from './run.mjs'

// To stderr: `npm pack --json` owns stdout while it calls us.
const progress = createProgress({ stream: process.stderr })
try {
  await ensureInstalled(progress)
  await progress.step('building', build)
} catch (error) {
  failAndExit(error)
}
