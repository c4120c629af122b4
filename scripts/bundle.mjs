// What the `latchkey` command loads, as a handful of files instead of 500 (docs/decisions/0025).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'
import { inRoot } from './sources.mjs'

const source = inRoot('src')
const dist = inRoot('dist')
const licences = join(dist, 'command/LICENSES.txt')
const main = join(source, 'server/cli/main.ts')
const kyselyModule = join(source, 'stores/sql/kysely-module.ts')

/** Native code, and the drivers, which are the host's: it may have another version, or none. */
const external = [
  /^@node-rs\//,
  '@photostructure/sqlite',
  ...['pg', 'mysql2', 'tedious', 'tarn', 'mongodb', 'ioredis'],
]

/** What every verb needs, in one file; without the entry, which waits until the verb has ended. */
const program = { name: 'program', tags: ['$initial'], test: (path) => path !== main }

/** Writes `dist/server/cli/main.js` and what it loads; answers with the paths of all files written. */
export const bundle = async () => {
  const bundler = await rolldown({
    input: main,
    platform: 'node',
    external,
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    experimental: { nativeMagicString: true },
    plugins: [
      { name: 'kysely-inside', load: kyselyInside },
      { name: 'places', transform: inPlace },
    ],
  })
  const { output } = await bundler.write({
    dir: dist,
    entryFileNames: 'server/cli/main.js',
    chunkFileNames: 'command/[name].js',
    codeSplitting: { groups: [program] },
    sourcemap: true,
    sourcemapExcludeSources: true,
  })
  await bundler.close()
  writeFileSync(licences, licencesOf(output))
  return [licences, ...output.map(({ fileName }) => join(dist, fileName))]
}

/** The library asks Node for it, which no bundler can follow. */
const kyselyInside = (path) =>
  path === kyselyModule ? "export * as kysely from 'kysely'" : undefined

/** A file that looks for others beside itself finds them where the compiler has put it. */
const inPlace = (_, path, { magicString: code }) => {
  if (!path.startsWith(source + sep)) return undefined
  const compiled = relative(join(dist, 'command'), join(dist, relative(source, path)))
  const url = `new URL('${compiled.replace(/\.ts$/, '.js').replaceAll(sep, '/')}', import.meta.url).href`
  return { code: code.replaceAll('import.meta.url', url) }
}

/** What is copied into our files stays under the licences of its authors. */
const licencesOf = (chunks) => {
  const modules = chunks.flatMap(({ moduleIds = [] }) => moduleIds)
  const folders = new Set(modules.flatMap((path) => packageFolder.exec(path)?.[0] ?? []))
  return [...folders]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** Greedy: the innermost package that a file belongs to. */
const packageFolder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/

const licenceOf = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} comes without its licence (${license}).`)
  const text = readFileSync(join(folder, file), 'utf8').trim()
  return `${name} ${version} (${license})\n\n${text}\n`
}
