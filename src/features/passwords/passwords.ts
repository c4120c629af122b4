import { AuthError } from '../../errors.js'
import { decoyHash, type HashSettings, hashJob, verifyJob } from './algorithms.js'
import type { HashJob } from './hash-job.js'
import type { HashGate } from './hashing.js'
import { isWholeForBcrypt } from './kinds/bcrypt.js'
import { fitsPlaintext } from './plaintext.js'
import { type PolicyName, passwordFault } from './policy.js'
import type { HashPurpose } from './purposes.js'
import { isOutdated, readHash } from './stored-hash.js'
import type { HashWorkers } from './workers.js'

/** Passwords: measured by a policy when chosen, hashed slowly on few threads, checked at one cost for everybody. */
type Deps = {
  hashing: HashSettings
  policy: PolicyName
  /** Name of the service, which no password may contain. */
  serviceName: string
  gate: HashGate
  workers: HashWorkers
}

export const createPasswords = ({ hashing, policy, serviceName, gate, workers }: Deps) => {
  const decoy = decoyHash(hashing)

  /**
   * @param identity words of the owner that the password must not contain
   * @throws AuthError `invalid_body` with the reason
   */
  const requireAcceptable = (
    password: string,
    identity: readonly (string | null | undefined)[],
    field = 'password',
  ): void => {
    const fault = passwordFault({
      password: normalise(password),
      policy,
      algorithm: hashing.algorithm,
      identity: [...identity, serviceName],
    })
    if (fault) throw new AuthError('invalid_body', { fields: [{ field, ...fault }] })
  }

  /** @throws AuthError `overloaded` */
  const hash = async (password: string, purpose: HashPurpose): Promise<string> => {
    const text = normalise(password)
    if (hashing.algorithm === 'bcrypt' && !isWholeForBcrypt(text)) {
      throw new Error('bcrypt would not keep the whole password')
    }
    const result = await gate.pass(purpose, () => workers.run(hashJob(text, hashing)))
    if (typeof result !== 'string') throw new Error('The password could not be hashed')
    return result
  }

  /**
   * Whether the password fits the stored hash. Without a hash, or with one that cannot be checked, a decoy is checked
   * instead: the caller waits as long and the answer is false. A hash of another system costs what it costs, and the time
   * tells so, until the next login rewrites it: docs/decisions/0022-hashes-as-they-came.md
   *
   * @throws AuthError `overloaded`
   */
  const verify = async (
    password: string,
    stored: string | null | undefined,
    purpose: HashPurpose,
  ): Promise<boolean> => {
    const text = normalise(password)
    const check = checkOf(text, stored ?? '')
    const job = 'job' in check ? check.job : verifyJob(text, decoy)
    const fits = await gate.pass(purpose, () => workers.run(job))
    return 'job' in check ? fits === true : check.fits
  }

  return {
    requireAcceptable,
    /** Before anything else is done for a password. @throws AuthError `overloaded` when too many wait already */
    requireRoom: gate.requireRoom,
    hash,
    verify,
    isOutdated: (stored: string) => isOutdated(stored, hashing),
  }
}
export type Passwords = ReturnType<typeof createPasswords>

/** The work that has the answer, or an answer that is kept back while a decoy is checked. */
const checkOf = (password: string, stored: string): { job: HashJob } | { fits: boolean } => {
  // half a surrogate pair would pass for the replacement sign
  if (/\p{Cs}/u.test(password)) return { fits: false }
  const hash = readHash(stored)
  const job = hash && !hash.isAbsurd ? hash.job(password) : undefined
  return job ? { job } : { fits: fitsPlaintext(stored, password) ?? false }
}

/** One spelling for what looks the same on every keyboard (NIST SP 800-63B-4 §3.1.1.2, Unicode NFC). */
const normalise = (password: string): string => password.normalize('NFC')
