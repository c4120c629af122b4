/** Something the command line itself refuses, with what to do about it. */
export class CliError extends Error {
  readonly kind: 'failed' | 'wrong' | 'refused' | 'tampered'
  /** A stable word for programs. */
  readonly code: string

  constructor(kind: CliError['kind'], code: string, message: string) {
    super(message)
    this.name = 'CliError'
    this.kind = kind
    this.code = code
  }
}
