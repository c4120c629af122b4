import { describe, expect, test } from 'vitest'
import { inspectSettings, type Variables } from './settings.js'

/** Mistakes by the name they are reported under. */
const mistakesOf = (environment: Variables): Record<string, string> =>
  Object.fromEntries(
    inspectSettings({ environment, envFile: '/dev/null' }).mistakes.map(({ option, detail }) => [
      option,
      detail,
    ]),
  )

describe('DATABASE_URL', () => {
  test.each([
    'postgres://ada:topsecret@db/latchkey',
    'postgresql+asyncpg://ada:topsecret@db:5433/latchkey?sslmode=verify-full&pool=20',
  ])('may lead to a server: %s', (url) => {
    expect(mistakesOf({ DATABASE_URL: url })).toEqual({})
  })

  test.each([
    ['postgres://ada:topsecret@db', /must name a database/],
    ['postgres://ada:topsecret@db:notaport/latchkey', /is not a URL of the form/],
    ['postgres://ada:topsecret@db/latchkey?sslmode=topsecret', /sslmode, which must be one of/],
    ['postgres://ada:topsecret@db/latchkey?pool=0', /pool, which must be a whole number/],
    ['postgres://ada:topsecret@db/latchkey?shards=3', /unknown parameter shards; these are known/],
    ['postgres://ada:topsecret@db/latchkey?sslrootcert=/topsecret.pem', /file in sslrootcert/],
    ['postgres://ada:topsecret%zz@db/latchkey', /percent-encoded/],
    ['oracle://ada:topsecret@db/latchkey', /must be a database URL/],
    ['topsecret', /must be a database URL/],
  ])('is refused without a word of what is secret: %s', (url, sentence) => {
    const mistakes = mistakesOf({ DATABASE_URL: url })

    expect(mistakes).toEqual({ DATABASE_URL: expect.stringMatching(sentence) })
    expect(JSON.stringify(mistakes)).not.toContain('secret')
  })

  test('on a server in production needs a root secret that all instances share', () => {
    const production = { ENVIRONMENT: 'production', BASE_URL: 'https://id.example.com' }
    const mistakes = mistakesOf({ ...production, DATABASE_URL: 'postgres://db/latchkey' })

    expect(mistakes).toEqual({ LATCHKEY_SECRET: expect.stringMatching(/every instance/) })
    expect(mistakesOf({ ...production, DATABASE_URL: 'sqlite:./a.db' })).toEqual({})
  })
})
