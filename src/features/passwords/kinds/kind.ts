import type { HashSettings } from '../algorithms.js'
import type { HashJob } from '../hash-job.js'

/** What a stored hash says about itself. */
export type StoredHash = {
  /** What made it, in a word for people. */
  kind: string
  /** Checking it would hold a core or the memory for long, whoever planted it: it is never tried. */
  isAbsurd: boolean
  /** The work that tells whether a password fits; undefined for one that this kind could not tell from another. */
  job(password: string): HashJob | undefined
  /** With what settings it was made, where it is of a form that we write ourselves. */
  settings?: HashSettings
}

/** One kind of hash: reads the texts of its forms and of no other. Numbers nobody would write are no such text. */
export type HashKind = (stored: string) => StoredHash | undefined
