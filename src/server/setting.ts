/** One setting, as a row of the table of settings. */
type Kind = 'text' | 'number' | 'boolean' | 'list' | 'clients' | 'instant'

export type Setting = {
  variable: string
  /** Where it goes: a path into AuthOptions, or a member of ServerSettings. */
  option: string
  kind: Kind
  default: string
  meaning: string
  example?: string
  /** Smallest and largest number, both allowed. */
  range?: readonly [least: number, most: number]
  /** The only texts that are allowed. */
  choices?: readonly string[]
  /** The value is turned into the option's form, for example minutes into a duration. */
  suffix?: string
  /** Also read from the file that NAME_FILE names; never shown. */
  secret?: boolean
  /** What else may be wrong with a text; never repeats it. */
  fault?(text: string): string | undefined
  /** What a text stands for, where its kind does not say it. */
  value?(text: string): unknown
  /** Whose setting it is, where it is one of a login provider; whether that is off without it, and what holds then. */
  provider?: { name: string; isNeeded: boolean; unsaid: string | undefined }
}
