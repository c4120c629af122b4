import { afterAll, afterEach, beforeEach, describe } from 'vitest'
import { isOwnable, isReachable } from '../services/services.js'
import { type Ground, type GroundName, type OpenOptions, openGround } from './ground.js'
import { type Place, places } from './places.js'
import { isLong } from './runs.js'

/**
 * Everywhere latchkey keeps things: what is promised is tried on each ground. A short run leaves out those that differ from
 * another one by what the contract of the stores looks at.
 */
export const grounds = (Object.keys(places) as GroundName[]).filter(
  (name) => isLong || !['mongodb standalone', 'postgres and redis'].includes(name),
)

/** Where a change and its event share a transaction. */
export const transactional = ['sqlite', 'postgres', 'mysql', 'mongodb'] as const
/** Where others than we keep the rows, in a server that may go away. */
export const servers = ['postgres', 'mysql', 'mongodb'] as const

export type OpenGround = (options?: OpenOptions) => Promise<Ground>

/** Tries a promise on each ground that can be had here; the others are named as skipped. What is opened is closed again. */
export const onGrounds = (
  promise: string,
  names: readonly GroundName[],
  define: (open: OpenGround, name: GroundName) => void,
  { own = false }: OpenOptions = {},
): void => {
  for (const name of names) {
    describe.skipIf(!isHere(places[name], own))(`${promise} on ${name}`, () => {
      const [ofAll, ofTest]: [Ground[], Ground[]] = [[], []]
      let isInTest = false
      beforeEach(() => {
        isInTest = true
      })
      const closeAll = async (opened: Ground[]): Promise<void> => {
        for (const ground of opened.splice(0)) await ground.close()
      }
      afterEach(() => closeAll(ofTest))
      afterAll(() => closeAll(ofAll))
      const open: OpenGround = async (options = { own }) => {
        const ground = await openGround(name, options)
        const list = isInTest ? ofTest : ofAll
        list.push(ground)
        return ground
      }
      define(open, name)
    })
  }
}

const isHere = ({ base, sessions, settings }: Place, own: boolean): boolean => {
  const mustBeOurs = own || settings !== undefined
  const isBaseHere = base === 'sqlite' || (mustBeOurs ? isOwnable(base) : isReachable(base))
  return isBaseHere && (sessions === undefined || isReachable(sessions))
}
