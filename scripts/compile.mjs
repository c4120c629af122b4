import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { bundle } from './bundle.mjs'
import { runOrThrow } from './run.mjs'
import { buildStamp, filesBelow, inRoot, root, sourceFiles, sourceFingerprint } from './sources.mjs'

const source = inRoot('src')
const dist = inRoot('dist')
const bin = join(dist, 'server/cli/main.js')
const compilerMemory = inRoot('node_modules/.cache/latchkey/tsconfig.build.tsbuildinfo')
const require = createRequire(import.meta.url)

/** The two documentation pages, taken from development dependencies so that users install neither. */
const vendored = {
  'server/pages/vendor/swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  'server/pages/vendor/swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
  'server/pages/vendor/swagger-ui.LICENSE.txt': 'swagger-ui-dist/LICENSE',
  'server/pages/vendor/redoc.standalone.js': 'redoc/bundles/redoc.standalone.js',
  'server/pages/vendor/redoc.LICENSE.txt': 'redoc/LICENSE',
}

/**
 * Brings `dist/` up to date with `src/`: TypeScript first, then everything that is not TypeScript beside it,
 * and what the `latchkey` command loads once more in few files.
 * The stamp goes first and comes back last, so an interrupted build is never taken for a finished one.
 */
export const build = async () => {
  const fingerprint = sourceFingerprint()
  rmSync(buildStamp, { force: true })

  const sources = sourceFiles()
  const compiled = sources.filter(isCompiled).flatMap(outputsOf)
  // The compiler only writes what changed since it last ran; when outputs are missing it has to forget that.
  if (!compiled.every((path) => existsSync(path))) rmSync(compilerMemory, { force: true })
  await runOrThrow(
    'tsc',
    process.execPath,
    [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { cwd: root },
  )

  const copies = new Map(
    sources.filter((path) => !isCompiled(path)).map((path) => [placeInDist(path), path]),
  )
  for (const [target, from] of Object.entries(vendored))
    copies.set(join(dist, target), require.resolve(from))
  for (const [target, from] of copies) copy(from, target)
  const bundled = await bundle()
  removeAllBut(new Set([...compiled, ...copies.keys(), ...bundled]))

  if (existsSync(bin)) chmodSync(bin, 0o755)
  mkdirSync(dist, { recursive: true })
  writeFileSync(buildStamp, fingerprint)
}

/** Scripts below `server/pages/` run in browsers and are copied as they are written. */
const isCompiled = (path) => {
  const isPage = path.startsWith(join(source, 'server/pages') + sep)
  return path.endsWith('.ts') || (path.endsWith('.js') && !isPage)
}

const placeInDist = (path) => join(dist, relative(source, path))

const outputsOf = (path) => {
  const stem = placeInDist(path).replace(/\.[tj]s$/, '')
  return [`${stem}.js`, `${stem}.js.map`, `${stem}.d.ts`]
}

const copy = (from, target) => {
  mkdirSync(dirname(target), { recursive: true })
  cpSync(from, target)
}

/** What was built from a file that is gone must not be shipped. */
const removeAllBut = (wanted) => {
  for (const path of filesBelow(dist)) {
    if (!wanted.has(path)) rmSync(path)
  }
}
