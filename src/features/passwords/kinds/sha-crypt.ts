import type { HashKind } from './kind.js'

/**
 * sha256-crypt and sha512-crypt, as in shadow files and from passlib.
 *
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt
 */
export const shaCrypt: HashKind = (stored) => {
  const [, name, roundsText = '5000', salt = '', expected = ''] =
    /^\$([56])\$(?:rounds=([1-9]\d{3,8})\$)?([!-#%-9;-~]{0,16})\$([./A-Za-z0-9]{43,86})$/.exec(
      stored,
    ) ?? []
  if (name === undefined || expected.length !== (name === '5' ? 43 : 86)) return undefined
  const rounds = Number(roundsText)
  const digest = name === '5' ? 'sha256' : 'sha512'
  return {
    kind: `${digest}-crypt`,
    isAbsurd: rounds > mostRounds,
    job: (password) =>
      Buffer.byteLength(password) * rounds > mostBytes
        ? undefined
        : { kind: 'sha-crypt-verify', password, digest, salt, rounds, expected },
  }
}

/** passlib takes 656,000, which is most of a second. */
const mostRounds = 1_000_000

/** A round digests the whole password twice: long ones are tried where there are few rounds. */
const mostBytes = 256 * mostRounds
