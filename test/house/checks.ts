import type { Import, SourceFile } from './source-file.js'

/** A place in the tree and the places it may import from. The first line that fits a file counts. */
export type Wall = { place: string; may: readonly string[]; mayTypes?: readonly string[] }

/** Each check answers with one sentence for every breach it finds. */
type Check = (files: readonly SourceFile[]) => string[]

const isTest = (path: string) => path.endsWith('.test.ts')

/** Scripts of our pages run in browsers, where none of our rooms can be reached. */
const isPage = (path: string) => /^src\/server\/pages\/.*\.js$/.test(path)

/** `*` stands for one name, `**` for any number of them. */
export const fits = (path: string, place: string) => {
  const pattern = place
    .replace(/[.$]/g, '\\$&')
    .replace(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${pattern}$`).test(path)
}

const fitsAny = (path: string, places: readonly string[]) =>
  places.some((place) => fits(path, place))

const at = (path: string, lines: readonly number[], what: string) =>
  lines.map((line) => `${path}:${line} ${what}`)

/** Files that have to keep to the walls. Tests may look everywhere. */
const walled = (files: readonly SourceFile[]) =>
  files.filter(({ path }) => path.startsWith('src/') && !isTest(path) && !isPage(path))

/** Rooms import only the rooms they may know. */
export const directions =
  (walls: readonly Wall[]): Check =>
  (files) =>
    walled(files).flatMap(({ path, imports }) => {
      const wall = walls.find(({ place }) => fits(path, place))
      if (!wall) return [`${path} stands in no room; add it to the table`]
      const isAllowed = ({ target, isTypeOnly }: Import) =>
        fitsAny(target, wall.may) || (isTypeOnly && fitsAny(target, wall.mayTypes ?? []))
      return ours(imports, (imported) => !isAllowed(imported)).map(refuse(path))
    })

/** Some rooms have a keeper: nobody else goes in. */
export const keepers =
  (table: Readonly<Record<string, readonly string[]>>): Check =>
  (files) =>
    Object.entries(table).flatMap(([place, who]) =>
      walled(files)
        .filter(({ path }) => !fitsAny(path, who))
        .flatMap(({ path, imports }) =>
          ours(imports, ({ target }) => fits(target, place)).map(refuse(path)),
        ),
    )

const ours = (imports: readonly Import[], isWrong: (imported: Import) => boolean) =>
  imports.filter((imported) => imported.isOurs && isWrong(imported))

const refuse =
  (path: string) =>
  ({ target, line }: Import) =>
    `${path}:${line} must not import ${target}`

/** Packages stay in the room that keeps them replaceable. */
export const packages =
  (places: Readonly<Record<string, readonly string[]>>): Check =>
  (files) =>
    walled(files).flatMap(({ path, imports }) =>
      imports
        .filter(({ target, isOurs }) => !isOurs && Object.hasOwn(places, target))
        .filter(({ target }) => !fitsAny(path, places[target] ?? []))
        .map(({ target, line }) => `${path}:${line} must not import the package ${target}`),
    )

/** Some rooms may use these packages and no others. */
export const packagesOnly =
  (allowed: Readonly<Record<string, readonly string[]>>): Check =>
  (files) =>
    Object.entries(allowed).flatMap(([place, names]) =>
      walled(files)
        .filter(({ path }) => fits(path, place))
        .flatMap(({ path, imports }) =>
          imports
            .filter(
              ({ target, isOurs, isTypeOnly }) => !isOurs && !isTypeOnly && !names.includes(target),
            )
            .map(({ target, line }) => `${path}:${line} must not import the package ${target}`),
        ),
    )

/** Settings enter at one place. */
export const environment =
  (place: string): Check =>
  (files) =>
    walled(files)
      .filter(({ path }) => path !== place)
      .flatMap(({ path, environmentReads }) => at(path, environmentReads, 'reads process.env'))

/** No room needs itself, however far around. */
export const cycles: Check = (files) => {
  const graph = new Map(
    files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start !== -1) found.push([...trail.slice(start), path].join(' → '))
    if (start !== -1 || done.has(path)) return
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return found
}

/** Ports and the like: nothing in them exists at run time. */
export const typesOnly =
  (places: readonly string[]): Check =>
  (files) =>
    files
      .filter(({ path, hasOnlyTypes }) => fitsAny(path, places) && !hasOnlyTypes)
      .map(({ path }) => `${path} must hold types only`)

/** A door lists names and does nothing. */
export const exportsOnly =
  (path: string): Check =>
  (files) =>
    files
      .filter((file) => file.path === path && !file.hasOnlyExports)
      .map(() => `${path} must hold exports only`)

/** Names that say nothing attract everything. */
export const names: Check = (files) =>
  files.flatMap(({ path }) => [
    ...(/(^|\/)(utils?|helpers?|common)(\/|\.[a-z]+$)/.test(path)
      ? [`${path}: a name that says nothing`]
      : []),
    ...(/^src\/.+\/index\.[a-z]+$/.test(path) ? [`${path}: an inner barrel`] : []),
  ])

/** What cannot be read aloud in two minutes is not finished; tables may be longer. */
export const sizes =
  (limit: number, tables: readonly string[]): Check =>
  (files) =>
    files
      .filter(({ path, lines }) => lines > limit && !fitsAny(path, tables))
      .map(({ path, lines }) => `${path} has ${lines} lines`)

/** The compiler is never told to look away. */
export const honestTypes =
  (mayCast: readonly string[]): Check =>
  (files) =>
    files
      .filter(({ path }) => !isTest(path))
      .flatMap(({ path, casts, anys }) => [
        ...(fitsAny(path, mayCast) ? [] : at(path, casts, 'casts with `as`')),
        ...at(path, anys, 'says `any`'),
      ])

/** A thing has one name wherever it is used. */
export const namedExports: Check = (files) =>
  files.flatMap(({ path, defaultExports }) => at(path, defaultExports, 'exports a default'))
