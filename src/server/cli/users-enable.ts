import { setActive } from './users-set-active.js'
import type { Verb } from './verb.js'

/** latchkey users enable */
export const usersEnable: Verb = (task) => setActive(task, true, 'may sign in again')
