import { cookie } from './cookie.js'
import type { Dialect, ProfileName } from './dialect.js'
import { envelope } from './envelope.js'
import { flat } from './flat.js'
import { native } from './native.js'
import { strict } from './strict.js'
import { username } from './username.js'

/** That of this name; a name that is none of ours is refused elsewhere. */
export const dialectOf = (name: string | undefined): Dialect =>
  Object.values(dialects).find((dialect) => dialect.name === name) ?? native

/** Every contract latchkey speaks, by its name. */
export const dialects: Readonly<Record<ProfileName, Dialect>> = {
  native,
  username,
  cookie,
  strict,
  flat,
  envelope,
}
