import { readFileSync } from 'node:fs'

/** The block list: about 18,000 common passwords of eight characters and more, read when first asked for. */
let common: ReadonlySet<string> | undefined

const load = (): ReadonlySet<string> =>
  new Set(readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').split('\n'))

/** Also finds what needs no list: one short piece repeated, and runs along the alphabet, the digits or the keyboard. */
export const isCommonPassword = (lowerCased: string): boolean => {
  common ??= load()
  return (
    common.has(lowerCased) ||
    isExtended(lowerCased, common) ||
    isRepetition(lowerCased) ||
    isRun(lowerCased)
  )
}

const mostAppended = 6

/** A listed password with a few digits behind it, which is how most people make a short one long enough. */
const isExtended = (text: string, listed: ReadonlySet<string>): boolean => {
  const digits = /\d*$/.exec(text)?.[0].length ?? 0
  for (let appended = 1; appended <= Math.min(digits, mostAppended); appended += 1) {
    if (listed.has(text.slice(0, -appended))) return true
  }
  return false
}

const isRepetition = (text: string): boolean => /^(.{1,4}?)\1+$/su.test(text)

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
]
const runs = rows.flatMap((row) => [row, [...row].reverse().join('')])

const isRun = (text: string): boolean => runs.some((run) => run.includes(text))
