import { nameOf, userJson } from './user-lines.js'
import type { Task } from './verb.js'
import { operator, withAuth } from './with-auth.js'

/** Keeps an account out or lets it in again, and says so. */
export const setActive = (task: Task, isActive: boolean, sentence: string): Promise<void> =>
  withAuth(task, async (auth) => {
    const { words, output } = task
    const user = await auth.users.setActive(words[0] ?? '', isActive, operator)
    output.result(
      { user: userJson(user) },
      () => `${output.paint('green', '✓')} ${nameOf(user)} ${sentence}`,
    )
  })
