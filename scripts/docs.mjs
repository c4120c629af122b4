// `npm run docs`: writes what is generated from the code. With --check it only says what is stale, and fails then.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { documents } from './documents.mjs'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { failAndExit } from './run.mjs'
import { inRoot } from './sources.mjs'

const onlyCheck = process.argv.includes('--check')
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

try {
  if (!onlyCheck) {
    const progress = createProgress({ stream: process.stderr })
    await ensureInstalled(progress)
    await ensureBuilt(progress)
  }
  const all = Object.entries(await documents())
  const stale = all.filter(([path, content]) => read(inRoot(path)) !== content)
  for (const [path, content] of stale) {
    console.log(onlyCheck ? `${path} is stale: npm run docs` : `wrote ${path}`)
    if (onlyCheck) continue
    mkdirSync(dirname(inRoot(path)), { recursive: true })
    writeFileSync(inRoot(path), content)
  }
  process.exitCode = onlyCheck && stale.length > 0 ? 1 : 0
} catch (error) {
  failAndExit(error)
}
