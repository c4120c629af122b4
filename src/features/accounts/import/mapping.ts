import { fieldNames, type ImportField, importFields, knownTables, type Mapping } from './fields.js'

/** Which column holds what: seen by the columns of a known service, by usual names, and by what a person says. */
export type Proposal = {
  mapping: Mapping
  /** The profile whose service made such a table. */
  profile: string | undefined
  /** Columns that are not taken. */
  ignored: string[]
  /** What a person has to say before anything can be taken. Sentences with the words to add. */
  questions: string[]
}

/** What a person says: columns by name, to what they hold, or to nothing. */
export type Choices = ReadonlyMap<string, ImportField | 'ignore'>

export const proposeMapping = (
  columns: readonly string[],
  choices: Choices,
  { withoutPassword = false }: { withoutPassword?: boolean } = {},
): Proposal => {
  const chosen = new Map([...choices].map(([column, field]) => [field, column]))
  const known = knownTables.find(({ columns: wanted }) => isSame(wanted, columns, choices))
  const questions: string[] = []
  const mapping: Partial<Record<ImportField, string>> = {}
  for (const field of fieldNames) {
    const own = known?.mapping[field]
    const others = columns.filter((column) => !Object.values(known?.mapping ?? {}).includes(column))
    const candidates = own === undefined ? candidatesFor(field, others) : [own]
    const free = candidates.filter((column) => !choices.has(column))
    const [column, another] = chosen.has(field) ? [chosen.get(field)] : free
    if (another !== undefined) questions.push(whichOf(field, free))
    else if (column !== undefined) mapping[field] = column
  }
  questions.push(...missing(mapping, columns, questions.length > 0, withoutPassword))
  const taken = new Set(Object.values(mapping))
  const ignored = columns.filter((column) => !taken.has(column))
  return { mapping, profile: known?.profile, ignored, questions }
}

/** How much a table looks like one of users: its name, an identity and a password. */
export const looksLikeUsers = (name: string, columns: readonly string[]): boolean => {
  const has = (field: ImportField): boolean => candidatesFor(field, columns).length > 0
  const isNamed = /user|account|member|people|customer/i.test(name)
  return has('password') && (has('email') || (has('username') && (isNamed || columns.length <= 4)))
}

const candidatesFor = (field: ImportField, columns: readonly string[]): string[] => {
  const names: readonly string[] = importFields[field]
  return columns.filter((column) => names.includes(plainName(column)))
}

const plainName = (column: string): string =>
  column === '_id' ? column : column.toLowerCase().replace(/[^a-z0-9]/g, '')

/** A service's own table may have grown; one that a person explains column by column need not be recognised. */
const isSame = (wanted: readonly string[], columns: readonly string[], choices: Choices): boolean =>
  wanted.every((name) => columns.includes(name) && (choices.get(name) ?? 'ignore') === 'ignore')

const whichOf = (field: ImportField, columns: readonly string[]): string =>
  `Several columns may hold ${field}: ${columns.join(', ')}. Add ${columns.map((column) => `--map ${column}=${field}`).join(' or ')}`

const missing = (
  mapping: Mapping,
  columns: readonly string[],
  isAmbiguous: boolean,
  withoutPassword: boolean,
): string[] => {
  const all = columns.join(', ')
  const sentences: string[] = []
  if (isAmbiguous) return sentences
  if (mapping.email === undefined && mapping.username === undefined) {
    sentences.push(
      `No column looks like an e-mail address or a username; there are: ${all}. Add --map <column>=email or --map <column>=username`,
    )
  }
  if (mapping.password === undefined && !withoutPassword) {
    sentences.push(
      `No column looks like a password hash; there are: ${all}. Add --map <column>=password, or --without-password to take the accounts in without one`,
    )
  }
  return sentences
}
