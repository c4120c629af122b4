import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { trusted } from '../../src/lib/trusted.js'

/** What V8 writes into a .cpuprofile, as far as it is read here. */
export type CpuProfile = {
  nodes: readonly {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number }
    children?: readonly number[]
  }[]
  samples: readonly number[]
  timeDeltas: readonly number[]
}

export type Kind = 'ours' | 'package' | 'node' | 'native' | 'idle'

/** A function on the stack, with what it called. Times are microseconds. */
export type Frame = {
  name: string
  /** Where it stands in the source, such as `src/http/run.ts:41`. */
  place: string
  kind: Kind
  self: number
  /** With everything it called. */
  total: number
  children: Frame[]
}

/** Stacks as one tree, each function where it stands in `src/`; the same function under the same caller is one. */
export const framesOf = (profile: CpuProfile, locate: Locate): Frame => {
  const selves = selfTimes(profile)
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const grow = (parent: Frame, ids: readonly number[]): void => {
    for (const id of ids) {
      const node = nodes.get(id)
      if (node === undefined) continue
      const { place, kind } = locate(node.callFrame)
      const name = node.callFrame.functionName.replace(/\$\d+$/, '') || '(anonymous)'
      const same = parent.children.find((each) => each.name === name && each.place === place)
      const frame = same ?? { name, place, kind, self: 0, total: 0, children: [] }
      if (same === undefined) parent.children.push(frame)
      frame.self += selves.get(id) ?? 0
      grow(frame, node.children ?? [])
    }
  }
  const all: Frame = { name: 'all', place: '', kind: 'native', self: 0, total: 0, children: [] }
  grow(all, profile.nodes[0]?.children ?? [])
  addUp(all)
  return all
}

const selfTimes = ({ samples, timeDeltas }: CpuProfile): Map<number, number> => {
  const selves = new Map<number, number>()
  for (const [index, id] of samples.entries())
    selves.set(id, (selves.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0))
  return selves
}

const addUp = (frame: Frame): number => {
  frame.total = frame.children.reduce((sum, child) => sum + addUp(child), frame.self)
  return frame.total
}

type CallFrame = CpuProfile['nodes'][number]['callFrame']
export type Locate = (callFrame: CallFrame) => { place: string; kind: Kind }

/** Finds functions of the bundle where they were written. */
export const createLocate = (root: string): Locate => {
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (url: string): SourceMap | undefined => {
    if (!maps.has(url)) maps.set(url, readMap(url))
    return maps.get(url)
  }
  return ({ functionName, url, lineNumber, columnNumber }) => {
    if (functionName === '(idle)') return { place: '', kind: 'idle' }
    if (url.startsWith('node:')) return { place: `${url}:${lineNumber + 1}`, kind: 'node' }
    if (!url.startsWith('file:')) return { place: '', kind: 'native' }
    const found = mapOf(url)?.findEntry(lineNumber, columnNumber)
    const written =
      found !== undefined && 'originalSource' in found
        ? { file: new URL(found.originalSource, url).href, line: found.originalLine }
        : { file: url, line: lineNumber }
    const file = relative(root, fileURLToPath(written.file))
    const inPackage = file.lastIndexOf('node_modules/')
    return inPackage === -1
      ? { place: `${file}:${written.line + 1}`, kind: 'ours' }
      : { place: file.slice(inPackage + 'node_modules/'.length), kind: 'package' }
  }
}

const readMap = (url: string): SourceMap | undefined => {
  try {
    return new SourceMap(trusted(JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8'))))
  } catch {
    return undefined // not built by us
  }
}
