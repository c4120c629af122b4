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
  else expect(others.eventsWithoutChange).toEqual([])
  if (name === 'sqlite') expect(integrityOf(folder)).toBe('ok')
}
