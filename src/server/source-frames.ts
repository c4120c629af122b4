import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { trusted } from '../lib/trusted.js'

type Payload = ConstructorParameters<typeof SourceMap>[0]

/** Where our built files are. */
const own = new URL('..', import.meta.url).href
/** Read when the first error is logged: --enable-source-maps reads them at every start, a sixth of its time. */
const maps = new Map<string, SourceMap>()

/** A frame of a stack as it stands in `src/`, where a source map beside the file tells; else as it is. */
export const sourceFrame = (frame: string): string =>
  frame.replace(/(file:.*):(\d+):(\d+)/, (place: string, url: string, line: string, column) => {
    const found = mapOf(url)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (found === undefined || !('originalSource' in found)) return place
    const source = new URL(found.originalSource, url).href
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`
  })

/** An error is told with or without its map: nothing here may throw. */
const mapOf = (url: string): SourceMap | undefined => {
  if (!maps.has(url) && url.startsWith(own)) {
    try {
      const payload = JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8'))
      maps.set(url, new SourceMap(trusted<Payload>(payload)))
    } catch {
      return undefined
    }
  }
  return maps.get(url)
}
