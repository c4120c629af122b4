import { readFileSync } from 'node:fs'
import { fieldNames, type ImportField } from '../../features/accounts/import/fields.js'
import type { Choices } from '../../features/accounts/import/mapping.js'
import type { RowRules } from '../../features/accounts/import/read-row.js'
import { CliError } from './cli-error.js'

/** The words behind the options of `latchkey import`. @throws CliError */
export const readChoices = (words: readonly string[]): Choices => {
  const choices = new Map<string, ImportField | 'ignore'>()
  for (const word of words) {
    const at = word.lastIndexOf('=')
    const [column, name] = [word.slice(0, at), word.slice(at + 1)]
    const field = name === 'ignore' ? name : fieldNames.find((known) => known === name)
    if (at < 1 || field === undefined)
      throw wrong(
        `--map takes <column>=<field>, and these fields: ${fieldNames.join(', ')}, ignore`,
      )
    if (field !== 'ignore' && [...choices.values()].includes(field))
      throw wrong(`--map names two columns for ${field}`)
    choices.set(column, field)
  }
  return choices
}

export const readWrap = (word: string | undefined): RowRules['wrap'] => {
  if (word === undefined) return undefined
  const [name, form = 'password'] = word.split(':')
  const digest = (['md5', 'sha1', 'sha256', 'sha512'] as const).find((known) => known === name)
  const order = (['password', 'salt-password', 'password-salt'] as const).find(
    (known) => known === form,
  )
  if (digest === undefined || order === undefined)
    throw wrong(
      '--wrap takes md5, sha1, sha256 or sha512, and behind a colon salt-password or password-salt',
    )
  return { digest, order }
}

/** The password hash parameters of a project, as its console shows them; a file, because the key in it is a secret. */
export const readFirebase = (file: string | undefined): RowRules['firebase'] => {
  if (file === undefined) return undefined
  const {
    base64_signer_key: signerKey,
    base64_salt_separator: saltSeparator,
    rounds,
    mem_cost: memoryCost,
  } = membersIn(file)
  if (
    typeof signerKey !== 'string' ||
    typeof saltSeparator !== 'string' ||
    typeof rounds !== 'number' ||
    typeof memoryCost !== 'number'
  ) {
    throw wrong(
      `${file} must be a JSON object with base64_signer_key, base64_salt_separator, rounds and mem_cost`,
    )
  }
  return { signerKey, saltSeparator, rounds, memoryCost }
}

const membersIn = (file: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    throw wrong(`${file} cannot be read as JSON`)
  }
}

const wrong = (detail: string): CliError => new CliError('wrong', 'wrong_arguments', detail)
