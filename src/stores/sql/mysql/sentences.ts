import { ConfigurationError } from '../../../errors.js'
import type { SqlAddress } from '../url.js'
import { errorCode, errorNumber } from './faults.js'

const readOnly = 'leads to a server that only reads. Name the primary'

/** A MariaDB that asks for TLS says nothing else. */
const denied = (tls: SqlAddress['tls']): string =>
  tls === undefined
    ? 'has a user or a password that MySQL does not accept, or accepts with TLS only. Correct it, or add ?sslmode=verify-full'
    : 'has a user or a password that MySQL does not accept. Correct it'

/** What only the operator can mend, in their words. */
export const sentenceFor = (fault: unknown, address: SqlAddress): string | undefined => {
  const all = sentences(address)
  return all[errorNumber(fault) ?? ''] ?? all[errorCode(fault) ?? '']
}

const sentences = ({ database, tls }: SqlAddress): Partial<Record<string | number, string>> => ({
  1045: denied(tls),
  1698: denied(tls),
  1049: `names a database that does not exist. Make it: create database ${database}`,
  1044: `names a database that does not exist or that its user may not enter. Make it: create database ${database}; and let them in: grant all on ${database}.* to <user>`,
  1142: `names a user who may not make or change tables. Let them: grant all on ${database}.* to <user>`,
  1130: 'names a user whom MySQL does not let in from this machine. Check the host of the user on the server',
  1129: 'is on a server that has locked this machine out after too many failed connections. Run on it: flush hosts',
  1040: 'is on a server that has no connection left. Raise its max_connections, or lower the parameter pool of each instance',
  1203: 'names a user who has no connection left. Raise max_user_connections on the server, or lower the parameter pool of each instance',
  1226: 'names a user who may do no more. Raise their limits on the server, or lower the parameter pool of each instance',
  1290: readOnly,
  1792: readOnly,
  1836: readOnly,
  1665: 'is on a server whose binary log holds statements. Set its binlog_format to ROW',
  3159: 'is on a server that lets nobody in unencrypted. Add ?sslmode=verify-full',
  AUTH_SWITCH_PLUGIN_ERROR:
    'names a user whose way to prove who they are the driver mysql2 does not know. Give them caching_sha2_password or mysql_native_password on the server',
})

export const refusal = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'store', detail }])
