import { fileURLToPath } from 'node:url'

/** The path in an SQLite URL; undefined when the URL is none. */
export const sqliteFile = (url: string): string | undefined => {
  if (/^file:\/\/\/./.test(url) && URL.canParse(url)) return fileURLToPath(url)
  const [, path] = /^sqlite:(?:\/\/\/|\/\/)?(.+)$/s.exec(url) ?? []
  return path
}

/** Where the secret of a database file lies: beside it. */
export const secretFileOf = (databaseFile: string): string =>
  `${databaseFile.replace(/\.(?:db|sqlite3?)$/, '')}.key`
