import type { Recorder } from './store.js'
import type { TrailKey } from './trail-key.js'

/** Checkpoints and bases: signed texts that say how far the lanes of a recorder had come, and where they begin. */

/** The newest event of a lane; number 0 stands for the place before the first, and has the mac of the recorder. */
export type Head = { number: number; mac: string }
export type Heads = ReadonlyMap<number, Head>

/** How far the lanes had come at least; what comes later may be there or not. */
export type Checkpoint = {
  recorder: Pick<Recorder, 'id' | 'number' | 'mac'>
  number: number
  at: Date
  heads: Heads
}

/**
 * What was pruned of a lane: everything up to and with `to`. The events behind `from` went last, and where they could not
 * be removed in one piece some of them may still be there.
 */
export type Base = { from: Head; to: Head }
export type Bases = { recorderId: string; number: number; lanes: ReadonlyMap<number, Base> }

export const writeCheckpoint = (
  key: TrailKey,
  { recorder, number, at, heads }: Checkpoint,
): string =>
  key.sign(
    [
      'lkc1',
      recorder.id,
      recorder.number,
      recorder.mac,
      number,
      at.getTime(),
      [...heads].map(([lane, head]) => `${lane}:${headText(head)}`).join(','),
    ].join('.'),
  )

/** Undefined when it is none, or was not signed with one of these keys. */
export const readCheckpoint = (
  keys: readonly TrailKey[],
  text: string,
): (Checkpoint & { key: TrailKey }) | undefined => {
  const opened = open(keys, text)
  const [kind, id = '', recorder, mac = '', number, at, lanes = ''] = opened?.fields ?? []
  if (opened === undefined || kind !== 'lkc1') return undefined
  const heads = new Map(
    entries(lanes).map(([lane, head = '', headMac = '']) => [Number(lane), headOf(head, headMac)]),
  )
  return {
    recorder: { id, number: Number(recorder), mac },
    number: Number(number),
    at: new Date(Number(at)),
    heads,
    key: opened.key,
  }
}

/** All that look like one, in a text such as a log. */
export const findCheckpoints = (text: string): string[] => text.match(/\blkc1\.[\w.:,]+/g) ?? []

export const writeBases = (key: TrailKey, { recorderId, number, lanes }: Bases): string => {
  const texts = [...lanes].map(
    ([lane, { from, to }]) => `${lane}:${headText(from)}:${headText(to)}`,
  )
  return key.sign(['lkb1', recorderId, number, texts.join(',')].join('.'))
}

export const readBases = (keys: readonly TrailKey[], text: string): Bases | undefined => {
  const opened = open(keys, text)
  const [kind, recorderId = '', number, lanes = ''] = opened?.fields ?? []
  if (kind !== 'lkb1') return undefined
  return {
    recorderId,
    number: Number(number),
    lanes: new Map(
      entries(lanes).map(([lane, from = '', fromMac = '', to = '', toMac = '']) => [
        Number(lane),
        { from: headOf(from, fromMac), to: headOf(to, toMac) },
      ]),
    ),
  }
}

const open = (
  keys: readonly TrailKey[],
  signed: string,
): { fields: string[]; key: TrailKey } | undefined => {
  for (const key of keys) {
    const text = key.open(signed)
    if (text !== undefined) return { fields: text.split('.'), key }
  }
  return undefined
}

const entries = (lanes: string): string[][] =>
  lanes === '' ? [] : lanes.split(',').map((entry) => entry.split(':'))

const headText = ({ number, mac }: Head): string => `${number}:${mac}`

const headOf = (number: string, mac: string): Head => ({ number: Number(number), mac })
