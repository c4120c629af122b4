import { expect } from 'vitest'
import { integrityOf } from './database.js'
import type { Ground } from './ground.js'
import { transactional } from './grounds.js'
import { halvesOf, noHalves } from './halves.js'

/**
 * Nothing on the ground is torn apart. Where a change and its event share no transaction the change comes first: it may
 * lack its event, and nothing else.
 */
export const expectSound = async ({ name, folder, look }: Ground): Promise<void> => {
  const { changesWithoutEvent, ...others } = await halvesOf(look)
  if (transactional.some((each) => each === name))
    expect({ changesWithoutEvent, ...others }).toEqual(noHalves)
  // who registered and is gone without a word was deleted, and that is a change without its event
  else expect(others.eventsWithoutChange.filter((half) => !isGone(half))).toEqual([])
  if (name === 'sqlite') expect(integrityOf(folder)).toBe('ok')
}

const isGone = (half: string): boolean => /^user \S+ made: 0 /.test(half)
