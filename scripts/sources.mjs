import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout, wherever the command was started from. */
export const root = fileURLToPath(new URL('..', import.meta.url))

export const inRoot = (path) => join(root, path)

/** Written after a complete build; its content is the fingerprint of what was built. */
export const buildStamp = inRoot('dist/.build')

const recipe = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/bundle.mjs',
  'scripts/compile.mjs',
]

/** One digest over everything the build reads. Contents, not times: a fresh clone or a branch switch cannot fool it. */
export const sourceFingerprint = () => {
  const hash = createHash('sha256')
  for (const path of [...recipe.map(inRoot), ...sourceFiles()]) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0')
  }
  return hash.digest('hex')
}

/** Every file below `src/` that ends up in the package, sorted. */
export const sourceFiles = () =>
  filesBelow(inRoot('src')).filter((path) => !path.endsWith('.test.ts'))

/** Every file below a folder, sorted; none when there is no such folder. */
export const filesBelow = (folder) => {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
