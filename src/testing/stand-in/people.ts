import { randomBytes } from 'node:crypto'

/** Somebody who can sign in at a stand-in. */
export type StandInPerson = {
  /** Who they are to a provider; the same text at all of them. GitHub has numbers: `numberOf`. */
  subject: string
  /** null: they keep it to themselves, or have none. */
  email: string | null
  emailVerified: boolean
  firstName: string
  lastName: string
  picture: string | null
  /** The Google Workspace domain that the account belongs to. */
  hostedDomain?: string
}

/** Two with a confirmed address that the provider answers for, one with an address that was never confirmed, one without. */
export const ada: StandInPerson = {
  subject: '108204268',
  email: 'ada@gmail.com',
  emailVerified: true,
  firstName: 'Ada',
  lastName: 'Lovelace',
  picture: 'https://example.com/ada.png',
}

export const grace: StandInPerson = {
  subject: '117283946',
  email: 'grace@gmail.com',
  emailVerified: true,
  firstName: 'Grace',
  lastName: 'Hopper',
  picture: null,
}

export const alan: StandInPerson = {
  subject: '119120623',
  email: 'alan@example.com',
  emailVerified: false,
  firstName: 'Alan',
  lastName: 'Turing',
  picture: null,
}

export const emmy: StandInPerson = {
  subject: '118820323',
  email: null,
  emailVerified: false,
  firstName: 'Emmy',
  lastName: 'Noether',
  picture: null,
}

export const nameOf = ({ firstName, lastName }: StandInPerson): string =>
  `${firstName} ${lastName}`.trim()

/** The subject as the number that some providers give people. Texts that are none get one of their own. */
export const numberOf = ({ subject }: Pick<StandInPerson, 'subject'>): number => {
  const number = Number(subject)
  if (/^\d+$/.test(subject) && Number.isSafeInteger(number)) return number
  return [...subject].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1e9, 7)
}

/** Whom a question means: `login_hint`, or somebody new from the form of the page; the first one where it says nothing. */
export const personAsked = (
  query: URLSearchParams,
  people: StandInPerson[],
): StandInPerson | undefined => {
  const hint = query.get('login_hint')
  if (query.has('stand_in_email')) return newcomer(query, people)
  if (hint === null) return people[0]
  return people.find(({ subject, email }) => hint === subject || hint === email)
}

/** Somebody who was written into the form of the page; from then on one of the people. */
const newcomer = (query: URLSearchParams, people: StandInPerson[]): StandInPerson => {
  const email = query.get('stand_in_email')
  const known = people.find((person) => email !== '' && person.email === email)
  if (known !== undefined) return known
  const [firstName = '', ...rest] = (query.get('stand_in_name') ?? '').trim().split(/\s+/)
  const person: StandInPerson = {
    subject: String(1e8 + (randomBytes(4).readUInt32BE() % 9e8)),
    email: email || null,
    emailVerified: query.has('stand_in_verified'),
    firstName,
    lastName: rest.join(' '),
    picture: null,
  }
  people.push(person)
  return person
}
