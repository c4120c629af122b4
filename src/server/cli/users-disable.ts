import { setActive } from './users-set-active.js'
import type { Verb } from './verb.js'

/** latchkey users disable */
export const usersDisable: Verb = (task) =>
  setActive(task, false, 'is disabled; all sessions have ended')
