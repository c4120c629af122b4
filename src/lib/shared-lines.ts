import { recordOf } from './record-of.js'
import { createWaitingLine, type WaitingLine } from './waiting-line.js'

/**
 * A line for each kind of caller, and one bound for all: a kind that waits alone may fill it, kinds that wait together have
 * the same share each. Who is in line stays in line. docs/decisions/0026-fair-shares-of-hashing.md
 */
export const createSharedLines = <Kind extends string>({
  kinds,
  name,
  ...bound
}: {
  kinds: readonly Kind[]
  /** Of all together: 'passwords' has the lines 'passwords_login', 'passwords_change'. */
  name: string
  option: string
  most: number
}): Readonly<Record<Kind, WaitingLine>> => {
  /** How many kinds wait at this moment, the one that asks among them. */
  const sharers = (own: Kind): number =>
    kinds.filter((kind) => kind === own || lines[kind].waiting() > 0).length

  const lines = recordOf(kinds, (kind) =>
    createWaitingLine({
      ...bound,
      name: `${name}_${kind}`,
      mostNow: () => Math.ceil(bound.most / sharers(kind)),
    }),
  )
  return lines
}
