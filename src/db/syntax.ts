/** What has to be known of a database's language to tell code from strings, names and comments. */
export type Syntax = {
  /** One token from where `lastIndex` stands; one of its groups says of which kind. It fits anywhere. */
  token: RegExp
  /** Comments may hold comments. */
  nestedComments: boolean
  /** How the driver wants its placeholders: the number is that of the value. */
  placeholder(number: number): string
  /** The driver takes values by number, so that one may stand in several places. */
  isNumbered: boolean
  /** What begins a token that means something else here than it seems to, and what to do. */
  strange: readonly { pattern: RegExp; advice: string }[]
  /** The driver takes a ? for a placeholder wherever it stands. */
  hasRoamingPlaceholders: boolean
  /** No sign has to stand between two statements. */
  hasBareStatements: boolean
}

type Language = {
  lineComment: string
  string: string
  name: string
  word: string
}

const tokenOf = ({ lineComment, string, name, word }: Language): RegExp =>
  new RegExp(
    [
      '(?<space>[ \\t\\r\\n\\f]+)',
      `(?<comment>${lineComment})`,
      '(?<block>/\\*)',
      `(?<string>${string})`,
      `(?<name>${name})`,
      '(?<placeholder>\\$[1-9]\\d*|%s(?![\\w$]))',
      `(?<word>${word})`,
      '(?<number>\\d\\w*)',
      '(?<sign>%%|[^])',
    ].join('|'),
    'y',
  )

/** Text between two quotes, in which the closing one is doubled; with a backslash before any sign, where that counts. */
const between = (quote: string) =>
  `${quote}[^${quote}]*(?:${quote}${quote}[^${quote}]*)*${quote}(?!${quote})`
const withBackslashes = (quote: string) =>
  `${quote}[^${quote}\\\\]*(?:(?:${quote}${quote}|\\\\[^])[^${quote}\\\\]*)*${quote}(?!${quote})`

const letter = '[A-Za-z_\\u0080-\\uffff]'
const part = '[\\w$\\u0080-\\uffff]'
const tag = `(?<tag>(?:${letter}[\\w\\u0080-\\uffff]*)?)`

const driversOwn = 'Write $1 or %s where a value goes'
const endless = 'What a quote begins has no end'

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
const postgres: Syntax = {
  token: tokenOf({
    lineComment: '--[^\\r\\n]*',
    string: `[eE]${withBackslashes("'")}|${between("'")}|\\$${tag}\\$[^]*?\\$\\k<tag>\\$`,
    name: between('"'),
    word: `${letter}${part}*`,
  }),
  nestedComments: true,
  placeholder: (number) => `$${number}`,
  isNumbered: true,
  strange: [{ pattern: /^['"$]/, advice: endless }],
  hasRoamingPlaceholders: false,
  hasBareStatements: false,
}

/** https://www.sqlite.org/lang_expr.html */
const sqlite: Syntax = {
  token: tokenOf({
    lineComment: '--[^\\n]*',
    string: between("'"),
    name: `${between('"')}|${between('`')}|\\[[^\\]]*\\]`,
    word: `${letter}${part}*`,
  }),
  nestedComments: false,
  placeholder: () => '?',
  isNumbered: false,
  strange: [
    { pattern: /^['"`[]/, advice: endless },
    { pattern: /^[?:@#$]/, advice: driversOwn },
  ],
  hasRoamingPlaceholders: false,
  hasBareStatements: false,
}

/** https://dev.mysql.com/doc/refman/8.4/en/language-structure.html, in the default sql_mode */
const mysql: Syntax = {
  token: tokenOf({
    lineComment: '--(?=[\\x00- \\x7f]|$)[^\\n]*|#[^\\n]*',
    string: `${withBackslashes("'")}|${withBackslashes('"')}`,
    name: between('`'),
    word: `${letter}${part}*`,
  }),
  nestedComments: false,
  placeholder: () => '?',
  isNumbered: false,
  strange: [
    { pattern: /^['"`]/, advice: endless },
    { pattern: /^\?/, advice: driversOwn },
    { pattern: /^\$/, advice: 'Put names that begin with a $ into `backticks`' },
    { pattern: /^\/\*M?!/, advice: 'Leave out the comment that the server would run' },
  ],
  hasRoamingPlaceholders: true,
  hasBareStatements: false,
}

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/language-elements-transact-sql */
const sqlserver: Syntax = {
  token: tokenOf({
    lineComment: '--[^\\r\\n]*',
    string: between("'"),
    name: `${between('"')}|\\[[^\\]]*(?:\\]\\][^\\]]*)*\\](?!\\])`,
    word: '[A-Za-z_#\\u0080-\\uffff][\\w$@#\\u0080-\\uffff]*',
  }),
  nestedComments: true,
  placeholder: (number) => `@${number}`,
  isNumbered: true,
  strange: [
    { pattern: /^['"[]/, advice: endless },
    { pattern: /^@\d/, advice: driversOwn },
  ],
  hasRoamingPlaceholders: false,
  hasBareStatements: true,
}

/** By the name of the driver. */
export const syntaxes: Readonly<Record<string, Syntax>> = {
  postgres,
  sqlite,
  mysql,
  sqlserver,
}
