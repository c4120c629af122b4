import type { Verb } from './program.js'
import { setActive } from './users-set-active.js'

/** latchkey users disable */
export const usersDisable: Verb = (task) =>
  setActive(task, false, 'is disabled; all sessions have ended')
