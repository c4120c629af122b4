import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { grace, type StandInPerson } from '../../src/testing/stand-in/people.js'
import type { Social } from './social.js'
import type { Answer } from './target.js'

/** Accounts that somebody made before the owner of the address came, and the owners. */
const password = 'planted long before 7'

export const randomName = (): string => randomBytes(6).toString('hex')

export const plantingAt = (social: () => Social) => ({
  /** Somebody at the provider, known there from now on. */
  person: (about: Partial<StandInPerson> = {}): StandInPerson & { email: string } => {
    const subject = randomName()
    const made = { ...grace, subject, email: `${subject}@gmail.com`, ...about }
    social().standIn.people.push(made)
    return { ...made, email: made.email ?? '' }
  },
  /** An account with a password, made by whoever types an address. */
  plant: async (email: string) => {
    const { status, json, text } = await social().target.ask('POST', '/auth/register', {
      body: { email, password },
    })
    expect(status, text).toBe(201)
    return { id: String(json.user.id), access: json.access_token, refresh: json.refresh_token }
  },
  logIn: (email: string): Promise<Answer> =>
    social().target.ask('POST', '/auth/login', { body: { email, password } }),
  store: () => social().target.auth.store,
})
