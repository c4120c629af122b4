import { explainTls } from '../tls-faults.js'
import type { SqlAddress } from '../url.js'
import { clearTextCode } from './encrypted-socket.js'
import { codeOf, numbersOf } from './faults.js'

/** What the operator can do about an error at the start; undefined where waiting may help. */
export const sentenceFor = (error: unknown, { database }: SqlAddress): string | undefined => {
  const numbers = numbersOf(error)
  const known = byNumber(database).find(([about]) => about.some((each) => numbers.includes(each)))
  return known?.[1] ?? ofEncryption(error)
}

/** The first that fits counts: a login to a database that is not there fails for both reasons. */
const byNumber = (database: string): readonly (readonly [readonly number[], string])[] => [
  [
    [40615, 40914],
    'leads to an Azure SQL server whose firewall keeps this machine out. Add its address there',
  ],
  [
    [911, 4060, 4063, 4064],
    `names a database that does not exist or that the user may not open. Make it: create database [${database.replaceAll(']', ']]')}]`,
  ],
  [
    [18487, 18488],
    'has a password that has expired or must be changed. Change it on the server, and here',
  ],
  [
    [18452, 18456, 18470, 18486],
    'has a user or a password that SQL Server does not accept. Correct it',
  ],
  [
    [229, 230, 262, 1088, 2760],
    'names a user who may not make tables. Let them: alter role db_owner add member [<user>]',
  ],
  [[3906], 'leads to a database that can only be read. Name the primary'],
]

const ofEncryption = (error: unknown): string | undefined => {
  if (codeOf(error) === 'EENCRYPT') {
    return 'leads to a server that demands encryption. Remove sslmode=disable'
  }
  if (error instanceof Error && codeOf(error.cause) === clearTextCode) {
    return 'leads to a server that does not encrypt. Turn it on there, or add sslmode=disable on a network of your own'
  }
  return explainTls(error)
}
