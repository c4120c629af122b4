// Part of the hash worker: sha256-crypt and sha512-crypt after Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512",
// https://www.akkadia.org/drepper/SHA-crypt.txt, whose steps the numbers name.
import { hash, timingSafeEqual } from 'node:crypto'

/** @import { ShaCryptJob } from './hash-job.js' */

/** @param {ShaCryptJob} job */
export const fitsShaCrypt = (job) => {
  const made = Buffer.from(shaCrypt(job))
  const expected = Buffer.from(job.expected)
  return made.length === expected.length && timingSafeEqual(made, expected)
}

/** The digits behind the last `$`. @param {Omit<ShaCryptJob, 'kind' | 'expected'>} job */
export const shaCrypt = ({ password: text, digest, salt: saltText, rounds }) => {
  /** @param {...Uint8Array} parts */
  const sum = (...parts) => hash(digest, Buffer.concat(parts), 'buffer')
  const password = Buffer.from(text)
  const salt = Buffer.from(saltText)

  const inner = sum(password, salt, password) // 4 to 8
  const first = sum(password, salt, repeated(inner, password.length), ...bits(password, inner)) // 1 to 12
  const longPassword = repeated(sum(...times(password, password.length)), password.length) // 13 to 16
  const longSalt = repeated(sum(...times(salt, 16 + (first[0] ?? 0))), salt.length) // 17 to 20

  const layouts = layoutsOf(longPassword, longSalt, first.length)
  let last = first
  for (let round = 0; round < rounds; round += 1) {
    const layout = layouts[(round % 2) * 4 + (round % 3 ? 2 : 0) + (round % 7 ? 1 : 0)] // 21
    if (layout === undefined) throw new Error('There are eight layouts')
    layout.bytes.set(last, layout.place)
    last = hash(digest, layout.bytes, 'buffer')
  }
  return digitsOf(last) // 22
}

const nothing = Buffer.alloc(0)

/**
 * 21: what is digested in a round, one of eight arrangements that repeat. They are laid out once, each with a place for the
 * digest of the round before, which makes the many rounds twice as fast.
 *
 * @param {Buffer} password @param {Buffer} salt @param {number} length of a digest
 */
const layoutsOf = (password, salt, length) => {
  const last = Buffer.alloc(length)
  return Array.from({ length: 8 }, (_, index) => {
    const isOdd = index >= 4
    const middle = [index & 2 ? salt : nothing, index & 1 ? password : nothing]
    const bytes = Buffer.concat([isOdd ? password : last, ...middle, isOdd ? last : password])
    return { bytes, place: isOdd ? bytes.length - length : 0 }
  })
}

/** @param {Buffer} bytes @param {number} count */
const times = (bytes, count) => Array.from({ length: count }, () => bytes)

/** The bytes again and again, cut to a length. @param {Buffer} bytes @param {number} length */
const repeated = (bytes, length) => Buffer.alloc(length, bytes)

/** 11: for each bit of the length, lowest first. @param {Buffer} password @param {Buffer} inner */
const bits = (password, inner) => {
  const parts = []
  for (let rest = password.length; rest > 0; rest >>= 1) {
    parts.push(rest % 2 === 1 ? inner : password)
  }
  return parts
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Three bytes give four digits, in an order of their own; what is left at the end gives two or three. @param {Buffer} sum */
const digitsOf = (sum) => {
  const isShort = sum.length === 32
  const third = isShort ? 10 : 21
  let text = ''
  let places = [0, third, 2 * third]
  for (let group = 0; group < third; group += 1) {
    text += digits(
      places.map((place) => sum[place] ?? 0),
      4,
    )
    const [a = 0, b = 0, c = 0] = places
    places = isShort ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1]
  }
  return (
    text + (isShort ? digits([0, sum[31] ?? 0, sum[30] ?? 0], 3) : digits([0, 0, sum[63] ?? 0], 2))
  )
}

/** @param {number[]} bytes @param {number} count */
const digits = ([high = 0, middle = 0, low = 0], count) => {
  const value = (high << 16) | (middle << 8) | low
  return Array.from({ length: count }, (_, place) => alphabet[(value >> (6 * place)) & 63]).join('')
}
