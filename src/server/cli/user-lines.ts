import type { Profile } from '../../features/sessions/grant.js'
import { presenters } from '../../profiles/native.js'

/** An account for programs: the User of the HTTP API. */
export const userJson = (user: Profile): object => {
  const presented = presenters.User(user, 'body')
  return 'body' in presented ? (presented.body ?? {}) : {}
}

/** What people call an account. */
export const nameOf = ({ email, username, id }: Profile): string => email ?? username ?? id
