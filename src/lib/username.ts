/**
 * The spelling a username is known by. Only ASCII letters are folded: elsewhere different names would meet, as in the
 * Kelvin sign, whose lower case is an ordinary k.
 */
export const canonicalUsername = (username: string): string =>
  username.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
