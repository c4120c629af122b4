import type { Verb } from './program.js'
import { setActive } from './users-set-active.js'

/** latchkey users enable */
export const usersEnable: Verb = (task) => setActive(task, true, 'may sign in again')
