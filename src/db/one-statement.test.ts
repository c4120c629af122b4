import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { names, refusal, sqlOf, syntaxOf } from '../../test/db/statements.js'
import { scan } from './scan.js'

describe('one statement', () => {
  test('a ; at the end is fine, and a comment behind it', () => {
    for (const name of names) {
      expect(refusal(name, 'select 1; ; -- done\n/* really */ ;')).toMatch(/^accepted/)
      expect(refusal(name, "select ';', ';;' -- ; drop table t")).toMatch(/^accepted/)
    }
  })

  test.each([
    "select * from users where name = ''; drop table users; --'",
    "select * from users where id = 1; update users set roles = 'admin'",
    'select 1;select 2',
    'select 1;/**/select 2',
    'select 1;--\nselect 2',
    'select 1 /* ; */ ; select 2',
    '; ; select 1; select 2',
    "select 'a''b'; delete from t; --'",
    'select "a""b"; delete from t; --"',
    'select 1 -- x\n; delete from t',
  ])('a second one is refused: %s', (text) => {
    for (const name of names)
      expect(refusal(name, text)).toMatch(/second statement|no statement|no end/)
  })

  test.each([
    // a backslash means nothing in an ordinary string, and something in an E string
    ['postgres', "select '\\'; drop table t; --'"],
    ['postgres', "select E'\\\\'; drop table t; --'"],
    ['postgres', "select e'\\''; drop table t; --'"],
    // dollar quotes end only at their own tag
    ['postgres', 'select $a$ $b$ $a$; drop table t; -- $b$'],
    ['postgres', 'select $$ $a$ $$; drop table t; -- $a$'],
    ['postgres', 'select $é$ $$ $é$; drop table t'],
    // comments nest
    ['postgres', "select /* /* ' */ */ 1; drop table t; --'"],
    ['postgres', 'select 1 -- x\r; drop table t'],
    // where they do not nest, the first end is the end
    ['sqlite', 'select /* /* */ 1; drop table t; -- */'],
    ['sqlite', 'select [a"]; drop table t; --"'],
    ['sqlite', "select `a'`; drop table t; --'"],
    ['sqlite', "select '\\'; drop table t; --'"],
    ['mysql', "select '\\\\'; drop table t; --'"],
    ['mysql', 'select "\\\\"; drop table t; --"'],
    ['mysql', 'select "a\'"; drop table t; -- \''],
    ['mysql', 'select /* /* */ 1; drop table t; -- */'],
    ['mysql', "select 1 # '\n; drop table t; -- '"],
    ['sqlserver', "select [a'] ; drop table t; --'"],
    ['sqlserver', "select /* /* ' */ */ 1; drop table t; --'"],
  ] as const)('%s: nothing hides a second one: %s', (name, text) => {
    expect(refusal(name, text)).toMatch(/second statement|has no end|is missing/)
  })

  test.each([
    ['postgres', "select 1e'\\''; drop table t; --'", /blank is missing/],
    ['postgres', "select E'a'\n'b\\''; drop table t; --'", /goes on after its end/],
    ['postgres', "select E'a' -- x\n'b\\''; drop table t; --'", /goes on after its end/],
    ['mysql', 'select 1 /*!; drop table t */', /the server would run/],
    ['mysql', 'select 1 /*!50000 or 1 */', /the server would run/],
    ['mysql', 'select 1 /*M!100100 or 1 */', /the server would run/],
    ['mysql', 'select $$ ; drop table t $$', /backticks/],
    ['sqlite', 'select 1\0; drop table t', /control character/],
    ['postgres', 'select 1\u0001', /control character/],
    ['sqlserver', 'select 1\u00a0drop table t', /blank/],
    ['postgres', 'select 1$1', /blank is missing/],
  ] as const)('%s: what servers read in different ways is refused: %s', (name, text, sentence) => {
    expect(refusal(name, text, 'x')).toMatch(sentence)
  })

  test.each([
    "select '",
    'select "',
    "select E'\\'",
    'select $$',
    'select $a$ $$',
    'select /* /* */',
  ])('what has no end is refused: %s', (text) => {
    expect(refusal('postgres', text)).toMatch(/no end/)
  })
  test.each([
    ['sqlite', 'select [a'],
    ['sqlite', 'select `a'],
    ['mysql', "select '\\'"],
    ['mysql', 'select "\\"'],
    ['sqlserver', 'select [a]]'],
    ['mysql', 'select /* a'],
  ] as const)('%s: what has no end is refused: %s', (name, text) => {
    expect(refusal(name, text)).toMatch(/no end/)
  })

  test.each([
    ['mysql', "select 1--'\n; drop table t; -- '"],
    ['sqlserver', 'select [a]]; drop table t; --]'],
  ] as const)('%s: what looks like two and is one: %s', (name, text) => {
    expect(sqlOf(name, text)).toBe(text)
  })

  test.each(['', ' ', ';', '-- nothing', '/* nothing */'])('%j is none', (text) => {
    for (const name of names) expect(refusal(name, text)).toMatch(/no statement/)
  })

  test.each([
    'begin',
    'BEGIN IMMEDIATE',
    '/* */ commit',
    'Rollback',
    'savepoint a',
    'end',
    'xa end 1',
  ])('%s would hold a connection that others use', (text) => {
    for (const name of names) expect(refusal(name, text)).toMatch(/db\.transaction/)
  })

  test.each([
    'set role admin',
    'SET search_path = x',
    'lock tables t read',
    'use other',
    'listen x',
  ])('%s would change a connection that others use', (text) => {
    for (const name of names) expect(refusal(name, text)).toMatch(/Connections are shared/)
  })

  test.each([
    'select 1 drop table t',
    'select * from t where a = 1 exec xp_cmdshell 1',
    'select * from t waitfor delay 1',
    'select 1 delete from t insert into t values (1)',
    'update t set a = 1 delete from t',
    'insert into t values (1) /**/ shutdown',
  ])('sqlserver: a second one needs no ;: %s', (text) => {
    expect(refusal('sqlserver', text)).toMatch(/second statement/)
  })

  test.each([
    'with a as (select 1 as b) update t set c = 1 from t join a on a.b = t.c',
    'merge t using s on t.a = s.a when matched then update set b = 1 when not matched then insert (a) values (1);',
    'select [drop], a.[exec] from [use] a',
    'create table t (a int)',
    'exec things @1x = 1',
  ])('sqlserver: what looks like two and is one: %s', (text) => {
    expect(refusal('sqlserver', text.replace('@1x', '@x'))).toMatch(/^accepted/)
  })
})

/** Pieces that mean something to one scanner or another, in any order. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...["'", '"', '`', '[', ']', '$$', '$a$', '$1', '$', '%s', '%%', '%', ';', '--', '#', '\n'],
        ...[
          '/*',
          '*/',
          '/*!',
          '\\',
          'E',
          "e'",
          'a',
          '1',
          ' ',
          '\r',
          '?',
          ':a',
          '@1',
          'é',
          '👑',
          '\0',
        ],
      ),
      fc.string(),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''))

test.each(names)('%s: whatever comes in is read whole or refused, and quickly', (name) => {
  fc.assert(
    fc.property(soup, (text) => {
      let tokens: ReturnType<typeof scan>
      try {
        tokens = scan(text, syntaxOf(name))
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'refused'
      }
      return tokens.map((token) => token.text).join('') === text
    }),
    { numRuns: 3000 },
  )
})

test.each(names)('%s: long texts take no longer than they are long', (name) => {
  for (const piece of ["'", "''", "'a", '$a$', '/*', '--', '[', '\\', "E'\\", '(', '"']) {
    const started = performance.now()
    refusal(name, `select ${piece.repeat(100_000 / piece.length)}`)
    expect(performance.now() - started).toBeLessThan(3000)
  }
})
