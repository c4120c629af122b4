// `node scripts/make-fixture.mjs --name 0.1.0`: lets a story happen on the built server and keeps the database of each store in
// test/fixtures/<name>/, so that later releases can prove that they take it over. Run it once for each release,
// before its version is raised, and never change what it made. Names of stores may follow; without any, all are made.
//
// With --main <file> the `dist/server/cli/main.js` of another checkout tells the story, as for 0.1.0-preview:
//   git worktree add <folder> c20f13d, then `npm ci && npm run build` there, then here
//   node scripts/make-fixture.mjs --name 0.1.0-preview --main <folder>/dist/server/cli/main.js sqlite
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { failAndExit, run } from './run.mjs'
import { root } from './sources.mjs'

const progress = createProgress({ stream: process.stderr })
try {
  await ensureInstalled(progress)
  await ensureBuilt(progress)
  const make = ['--import', 'tsx', join('test', 'fixtures', 'make.ts'), ...process.argv.slice(2)]
  const { code } = await run(process.execPath, make, { cwd: root, show: true })
  process.exitCode = code
} catch (error) {
  failAndExit(error)
}
