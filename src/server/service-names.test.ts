import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootWarnings, sentenceOf } from './boot-warnings.js'
import { inspectSettings, type Variables } from './settings.js'

/** Names of other services, one by one. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-names-'))
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const other = 'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE'

/** Enough for a start of each profile. */
const enough: Record<string, Variables> = {
  native: {},
  username: { secret_key: secret },
  cookie: { JWT_KEY: secret },
  strict: { JWT_SECRET_KEY: secret, JWT_REFRESH_SECRET_KEY: other },
  flat: { JWT_SECRET_KEY: secret },
  envelope: { SECRET_KEY: secret },
}
const inspect = (profile: string, environment: Variables, more: { envFile?: string } = {}) =>
  inspectSettings({ folder, ...more, environment: { AUTH_PROFILE: profile, ...environment } })
const mistakesOf = (profile: string, environment: Variables): Record<string, string> =>
  Object.fromEntries(
    inspect(profile, { ...enough[profile], ...environment }).mistakes.map(({ option, detail }) => [
      option,
      detail,
    ]),
  )

const postgres = { DB_USER: 'ada', DB_NAME: 'auth' }

describe('bounds that the services did not have', () => {
  test.each(['username', 'envelope'])('%s: access tokens may live for a day', (profile) => {
    const environment = { ...enough[profile], ACCESS_TOKEN_EXPIRE_MINUTES: '1440' }
    const { mistakes, settings } = inspect(profile, environment)

    expect([mistakes, settings.auth.tokens?.expires]).toEqual([[], '1440m'])
  })

  test('strict: bodies of a few bytes', () => {
    expect(mistakesOf('strict', { MAX_REQUEST_BODY_SIZE: '100' })).toEqual({})
    expect(Object.keys(mistakesOf('flat', { MAX_REQUEST_BODY_SIZE: '100' }))).toHaveLength(1)
  })
})

describe('the username service', () => {
  test('reads its names in any case', () => {
    const environment = {
      Secret_Key: secret,
      SERVER_PORT: '7000',
      Access_Token_Expire_Minutes: '5',
    }
    const { mistakes, settings } = inspect('username', environment)

    expect(mistakes).toEqual([])
    expect(settings).toMatchObject({
      port: 7000,
      host: '0.0.0.0',
      auth: { tokens: { expires: '5m' } },
    })
  })

  test.each([
    ['True', 'debug'],
    ['1', 'debug'],
    ['False', 'info'],
    ['', 'info'],
  ])('debug=%s', (debug, level) => {
    expect(inspect('username', { secret_key: secret, debug }).settings.logLevel).toBe(level)
  })

  test('needs no file of its own when another is named', () => {
    const own = mkdtempSync(join(tmpdir(), 'latchkey-own-'))
    writeFileSync(join(own, 'config.env'), 'server_port=7001\n')
    writeFileSync(join(own, '.env'), 'server_host=127.0.0.1\n')
    writeFileSync(join(own, 'empty.env'), '')
    const environment = { AUTH_PROFILE: 'username', secret_key: secret }
    const read = inspectSettings({ folder: own, environment })
    const named = inspectSettings({
      folder: own,
      environment,
      envFile: join(own, 'empty.env'),
    })

    expect(read.settings).toMatchObject({ port: 7001, host: '127.0.0.1' })
    expect(read.files.map((file) => file.slice(own.length + 1))).toEqual(['.env', 'config.env'])
    expect(named.settings).toMatchObject({ port: 7777, host: '0.0.0.0' })
  })

  test('nobody else reads config.env', () => {
    const own = mkdtempSync(join(tmpdir(), 'latchkey-own-'))
    writeFileSync(join(own, 'config.env'), 'PORT=7001\nDEBUG=yes\nAUTH_PROFILE=cookie\n')

    expect(inspectSettings({ folder: own, environment: {} })).toMatchObject({
      mistakes: [],
      settings: { port: 8000 },
      files: [],
    })
  })
})

describe('our own names', () => {
  const file = (text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'latchkey-own-')), 'x.env')
    writeFileSync(path, text)
    return path
  }

  test('always work', () => {
    const environment = {
      JWT_SECRET_KEY: secret,
      DATABASE_URL: 'postgres://ada@db/auth',
      PORT: '1',
    }
    const { mistakes, settings } = inspect('cookie', environment)

    expect(mistakes).toEqual([])
    expect(settings).toMatchObject({ port: 1, databaseUrl: environment.DATABASE_URL })
  })

  test('win over those of the service, wherever both are', () => {
    const envFile = file(`JWT_KEY=${other}\nDB_HOST=elsewhere\n`)
    const environment = { JWT_SECRET_KEY: secret, DATABASE_URL: 'sqlite:./a.db' }
    const { mistakes, settings } = inspect('cookie', environment, { envFile })

    expect(mistakes).toEqual([])
    expect(settings.databaseUrl).toBe('sqlite:./a.db')
    expect(settings.auth.tokens?.secret).toBe(secret)
  })

  test.each<[string, Variables, string, string]>([
    ['cookie', { JWT_KEY: secret, JWT_SECRET_KEY: secret }, 'JWT_SECRET_KEY', 'JWT_KEY'],
    ['cookie', { DATABASE_URL: 'sqlite:./a.db', DB_NAME: 'auth' }, 'DATABASE_URL', 'DB_NAME'],
    [
      'flat',
      { DATABASE_URL: 'mongodb://a/b', MONGO_URI: 'mongodb://a', MONGO_DB_NAME: 'b' },
      ...(['DATABASE_URL', 'MONGO_URI, MONGO_DB_NAME'] as const),
    ],
    [
      'envelope',
      { FRONTEND_URL: 'http://localhost:5173', ALLOWED_ORIGINS: 'http://localhost:5173' },
      ...(['ALLOWED_ORIGINS', 'FRONTEND_URL'] as const),
    ],
    ['username', { PORT: '1', server_port: '1' }, 'PORT', 'server_port'],
  ])('of %s, twice in one place: %o', (profile, environment, name, twin) => {
    expect(mistakesOf(profile, environment)).toEqual({
      [name]: expect.stringMatching(new RegExp(`twice: remove it or ${twin}$`)),
    })
  })

  test('may be in a file, as theirs may', () => {
    const JWT_KEY_FILE = file(`${secret}\n`)
    const DB_PASSWORD_FILE = file('hush\n')
    const { mistakes, settings } = inspect('cookie', {
      ...postgres,
      JWT_KEY_FILE,
      DB_PASSWORD_FILE,
    })

    expect(mistakes).toEqual([])
    expect(settings.databaseUrl).toBe('postgres://ada:hush@localhost/auth')
    expect(settings.auth.tokens?.secret).toBe(secret)
    expect(settings.writtenAs).toMatchObject({ JWT_SECRET_KEY: 'JWT_KEY_FILE' })
  })

  test('parts may be in different places, the stronger one wins', () => {
    const envFile = file('DB_USER=ada\nDB_NAME=auth\nDB_PASSWORD=old\n')
    const { settings, origins } = inspect(
      'cookie',
      { JWT_KEY: secret, DB_PASSWORD: 'new' },
      { envFile },
    )

    expect(settings.databaseUrl).toBe('postgres://ada:new@localhost/auth')
    expect(origins.get('DATABASE_URL')).toBe('environment')
  })
})

describe('names of other profiles', () => {
  test.each([
    ['flat', 'JWT_KEY', 'cookie'],
    ['cookie', 'JWT_KEYS', 'JWT_KEY'],
    ['native', 'JWT_KEYS', 'docs/configuration.md'],
    ['native', 'FRONTEND_URL', 'addresses of pages'],
  ])('in the environment of %s: %s', (profile, name, said) => {
    expect(mistakesOf(profile, { [name]: 'x' })).toEqual({ [name]: expect.stringContaining(said) })
  })

  test('in a file are told with the profile that has them', () => {
    const envFile = join(folder, 'foreign.env')
    writeFileSync(envFile, `JWT_SECRET_KEY=${secret}\nDB_PASSWORD=x\nMONGO_URI=mongodb://a/b\n`)
    const { mistakes } = inspectSettings({ envFile, environment: { AUTH_PROFILE: 'flat' } })

    expect(mistakes).toEqual([
      { option: 'DB_PASSWORD', detail: expect.stringContaining('profile cookie and envelope') },
    ])
  })

  test('of the machine around us are left alone', () => {
    const machine = { DB_USER: 'x', DB_HOST: 'x', SECRET_KEY: 'x', DEBUG: 'app:*', MONGO_URI: 'x' }

    expect(mistakesOf('native', machine)).toEqual({})
    expect(inspectSettings({ folder, environment: machine }).mistakes).toEqual([])
    expect(mistakesOf('strict', machine)).toEqual({})
  })

  test('one of ours alone is told even natively', () => {
    const { mistakes } = inspectSettings({ folder, environment: { JWT_KEY: 'x' } })

    expect(mistakes).toEqual([
      { option: 'JWT_KEY', detail: expect.stringContaining('set AUTH_PROFILE=cookie') },
    ])
  })
})

test('two secrets alone are those of strict, with a root secret ours', () => {
  const both = { JWT_SECRET_KEY: secret, JWT_REFRESH_SECRET_KEY: other }
  const third = 'p0Lk9Ji8Hu7Gy6Ft5Dr4Se3Aw2Qz1Xc0Vb9Nm8Mm7Oi6'
  const told = inspectSettings({ folder, environment: both }).mistakes

  expect(told).toEqual([
    { option: 'AUTH_PROFILE', detail: expect.stringMatching(/=strict, or AUTH_PROFILE=native/) },
  ])
  for (const more of [{ LATCHKEY_SECRET: third }, { AUTH_PROFILE: 'native' }])
    expect(inspectSettings({ folder, environment: { ...both, ...more } }).mistakes).toEqual([])
})

test.each(['username', 'cookie', 'strict', 'flat'])(
  'providers do nothing, and no harm, where nobody signs in through them: %s',
  (profile) => {
    const { settings, mistakes } = inspect(profile, {
      ...enough[profile],
      GOOGLE_CLIENT_ID: 'two words',
      OIDC_ACME_ISSUER: 'x',
      FRONTEND_URL: 'x',
    })
    const found = bootWarnings(settings).filter(({ warning }) => warning === 'idle_settings')

    expect(mistakes).toEqual([])
    expect(settings.auth.oauth?.providers).toBeUndefined()
    expect(found.map(sentenceOf)).toEqual([
      expect.stringMatching(/^GOOGLE_CLIENT_ID, OIDC_ACME_ISSUER, FRONTEND_URL do nothing: nobody/),
    ])
  },
)

describe('the root secret of a service that has none', () => {
  const environment = { JWT_KEY: secret, ...postgres, BASE_URL: 'https://id.example.com' }
  const secretOf = (more: Variables) => inspect('cookie', { ...environment, ...more }).settings.auth

  test('is the same for all instances, and another with another secret', () => {
    const [one, two] = [secretOf({}).secret, secretOf({}).secret]

    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(two).toBe(one)
    expect(secretOf({ JWT_KEY: other }).secret).not.toBe(one)
    expect(secretOf({ LATCHKEY_SECRET: other }).secret).toBe(other)
  })

  test('is warned of without being shown', () => {
    const { settings } = inspect('cookie', { ...environment, ENVIRONMENT: 'production' })
    const sentences = bootWarnings(settings).map(sentenceOf).join('\n')

    expect(sentences).toMatch(/derived from JWT_KEY.*Set LATCHKEY_SECRET/s)
    expect(sentences).not.toContain(settings.auth.secret)
    expect(sentences).not.toContain(secret)
  })
})

test('the envelope service is known by its pages, too, where it has another database', () => {
  const environment = {
    ...enough.envelope,
    DATABASE_URL: 'sqlite:./auth.db',
    FRONTEND_URL: 'http://localhost:3000',
  }
  const { mistakes } = inspectSettings({ folder, environment })

  expect(mistakes).toEqual([
    { option: 'AUTH_PROFILE', detail: expect.stringContaining('set AUTH_PROFILE=envelope') },
  ])
})
