import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootWarnings } from './boot-warnings.js'
import { effectiveSettings } from './effective-settings.js'
import { inspectSettings, type Variables } from './settings.js'

/** The settings files of the five services, as their documents show them. */
const documents = {
  username: {
    name: 'config.env',
    text: [
      '    secret_key=your-secret-key',
      '    algorithm=HS256',
      '    access_token_expire_minutes=30',
      '    server_host=0.0.0.0',
      '    server_port=7777',
      '    debug=False',
    ].join('\n'),
    own: { 'your-secret-key': 0 },
    stops: { secret_key: /sample value.*Make one with/s },
    becomes: {
      JWT_SECRET_KEY: ['********', 'file', 'secret_key'],
      JWT_ALGORITHM: ['HS256', 'file', 'algorithm'],
      ACCESS_TOKEN_EXPIRE_MINUTES: ['30', 'file', 'access_token_expire_minutes'],
      HOST: ['0.0.0.0', 'file', 'server_host'],
      PORT: ['7777', 'file', 'server_port'],
      BASE_URL: ['http://localhost:7777', 'default'],
      LOG_LEVEL: ['info', 'default'],
    },
  },
  cookie: {
    name: '.env',
    text: `# ---- Database ----
DB_USER=DB_USER
DB_PASSWORD=DB_PASSWORD
DB_HOST=DB_HOST
DB_PORT=DB_PORT
DB_NAME=DB_NAME

# ---- Auth / JWT ----
JWT_KEY=JWT_KEY
`,
    own: {
      '=DB_USER': '=ada',
      '=DB_PASSWORD': '=k3:J/f9@x2#m%Q7',
      '=DB_HOST': '=db.example.com',
      '=DB_PORT': '=5433',
      '=DB_NAME': '=auth',
      '=JWT_KEY': 0,
    },
    stops: {
      ...{ DB_USER: /sample/, DB_PASSWORD: /sample/, DB_HOST: /sample/, DB_NAME: /sample/ },
      ...{ DB_PORT: /sample/, JWT_KEY: /sample.*Make one with/s },
    },
    becomes: {
      JWT_SECRET_KEY: ['********', 'file', 'JWT_KEY'],
      DATABASE_URL: [
        'postgres://********@db.example.com:5433/auth',
        'file',
        'DB_USER, DB_PASSWORD, DB_HOST, DB_PORT, DB_NAME',
      ],
      PORT: ['8000', 'default'],
      REDIS_URL: [null, 'default'],
    },
  },
  strict: {
    name: '.env',
    text: `   JWT_SECRET_KEY=your-generated-secret-key-here
   JWT_REFRESH_SECRET_KEY=your-generated-refresh-secret-key-here
`,
    own: { 'your-generated-secret-key-here': 0, 'your-generated-refresh-secret-key-here': 1 },
    stops: {
      JWT_SECRET_KEY:
        /^JWT_SECRET_KEY must be set and at least 32 characters\. Make one with: node/,
      JWT_REFRESH_SECRET_KEY: /sample/,
    },
    becomes: {
      JWT_SECRET_KEY: ['********', 'file'],
      JWT_REFRESH_SECRET_KEY: ['********', 'file'],
      DATABASE_URL: ['sqlite:///./secure_app.db', 'default'],
      ACCESS_TOKEN_EXPIRE_MINUTES: ['15', 'default'],
      REFRESH_TOKEN_EXPIRE_DAYS: ['7', 'default'],
      MAX_REQUEST_BODY_SIZE: ['10240', 'default'],
      RATE_LIMIT_REQUESTS: ['10', 'default'],
      RATE_LIMIT_WINDOW: ['60', 'default'],
      ALLOWED_ORIGINS: [null, 'default'],
      DOCS: ['false', 'default'],
      PORT: ['8000', 'default'],
    },
  },
  flat: {
    name: '.env',
    text: `MONGO_URI=mongodb://localhost:27017
MONGO_DB_NAME=auth_db
JWT_SECRET_KEY=replace_with_a_strong_secret
`,
    own: { replace_with_a_strong_secret: 0 },
    stops: { JWT_SECRET_KEY: /sample.*Make one with: node/s },
    becomes: {
      JWT_SECRET_KEY: ['********', 'file'],
      DATABASE_URL: ['mongodb://localhost:27017/auth_db', 'file', 'MONGO_URI, MONGO_DB_NAME'],
      PORT: ['5000', 'default'],
    },
  },
  envelope: {
    name: '.env',
    text: `# JWT Settings
SECRET_KEY=your-very-long-and-secure-secret-key-minimum-32-characters
ALGORITHM=HS256
ACCESS_TOKEN_EXPIRE_MINUTES=30
REFRESH_TOKEN_EXPIRE_DAYS=7

# Azure SQL Database Settings
DB_SERVER=your-server.database.windows.net
DB_DATABASE=your-database-name
DB_USERNAME=your-username
DB_PASSWORD=your-password

# OAuth Settings (Optional)
GOOGLE_CLIENT_ID=your-google-client-id
GOOGLE_CLIENT_SECRET=your-google-client-secret
FACEBOOK_CLIENT_ID=your-facebook-client-id
FACEBOOK_CLIENT_SECRET=your-facebook-client-secret
GITHUB_CLIENT_ID=your-github-client-id
GITHUB_CLIENT_SECRET=your-github-client-secret

# Frontend URL
FRONTEND_URL=http://localhost:3000

# Environment Settings (development/production)
ENVIRONMENT=development
`,
    own: {
      'your-very-long-and-secure-secret-key-minimum-32-characters': 0,
      'your-server': 'acme',
      'your-database-name': 'auth',
      'your-username': 'ada',
      'your-password': 'k3Jf9x2mQ7',
    },
    stops: {
      ...{ SECRET_KEY: /sample.*Make one with/s, DB_SERVER: /sample/, DB_DATABASE: /sample/ },
      ...{ DB_USERNAME: /sample/, DB_PASSWORD: /sample/ },
    },
    becomes: {
      JWT_SECRET_KEY: ['********', 'file', 'SECRET_KEY'],
      JWT_ALGORITHM: ['HS256', 'file', 'ALGORITHM'],
      ACCESS_TOKEN_EXPIRE_MINUTES: ['30', 'file'],
      REFRESH_TOKEN_EXPIRE_DAYS: ['7', 'file'],
      DATABASE_URL: [
        'sqlserver://********@acme.database.windows.net/auth',
        'file',
        'DB_SERVER, DB_DATABASE, DB_USERNAME, DB_PASSWORD',
      ],
      ALLOWED_ORIGINS: [
        'http://localhost:3000, http://127.0.0.1:3000, http://localhost:8080, http://127.0.0.1:8080',
        'file',
        'FRONTEND_URL',
      ],
      ENVIRONMENT: ['development', 'file'],
    },
  },
} as const

const secrets = [
  'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k',
  'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE',
] as const

/** The document with what everybody has to replace replaced. */
const withOwn = (text: string, own: Readonly<Record<string, string | 0 | 1>>): string =>
  Object.entries(own).reduce(
    (written, [sample, value]) =>
      typeof value === 'string'
        ? written.replace(sample, value)
        : written.replace(sample, `${sample.startsWith('=') ? '=' : ''}${secrets[value]}`),
    text,
  )

const folderWith = (name: string, text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-files-'))
  writeFileSync(join(folder, name), text)
  return folder
}
const mistakesIn = (folder: string, environment: Variables): Record<string, string> =>
  Object.fromEntries(
    inspectSettings({ folder, environment }).mistakes.map(({ option, detail }) => [option, detail]),
  )

describe.each(Object.entries(documents))('the file of %s', (profile, document) => {
  const { name, text, own, stops, becomes } = document
  const environment = { AUTH_PROFILE: profile }
  const folder = folderWith(name, withOwn(text, own))

  test('works as it is, with secrets of its own', () => {
    const inspection = inspectSettings({ folder, environment })

    expect(inspection.mistakes).toEqual([])
    expect(
      Object.fromEntries(
        effectiveSettings(inspection).map(({ setting, value, from, as }) => [
          setting,
          as === undefined ? [value, from] : [value, from, as],
        ]),
      ),
    ).toMatchObject({ ...becomes, AUTH_PROFILE: [profile, 'environment'] })
  })

  test('works when another file is named', () => {
    const envFile = join(folder, name)

    expect(inspectSettings({ envFile, environment }).mistakes).toEqual([])
  })

  test('may say itself whose it is', () => {
    const said = folderWith(name, `${withOwn(text, own)}\nAUTH_PROFILE=${profile}\n`)
    const { mistakes, settings } = inspectSettings({ folder: said, environment: {} })

    expect([mistakes, settings.auth.profile]).toEqual([[], profile])
  })

  test('stops the start as it is in the document, and says what to put in', () => {
    const mistakes = mistakesIn(folderWith(name, text), environment)

    expect(Object.keys(mistakes).sort()).toEqual(Object.keys(stops).sort())
    expect(mistakes).toEqual(
      Object.fromEntries(
        Object.entries(stops).map(([key, said]) => [key, expect.stringMatching(said)]),
      ),
    )
  })

  test('stops a start that does not say which profile, with its name', () => {
    const mistakes = mistakesIn(folder, {})

    expect(Object.keys(mistakes)).toEqual(['AUTH_PROFILE'])
    expect(mistakes.AUTH_PROFILE).toContain(
      `These settings belong to the profile ${profile}: set AUTH_PROFILE=${profile}`,
    )
    expect(mistakes.AUTH_PROFILE).toContain(name)
  })

  test('stops it as well when the names are in the environment', () => {
    const lines = withOwn(text, own).matchAll(/^\s*(\w+)=(.*)$/gm)
    const variables = Object.fromEntries([...lines].map(([, key, value]) => [key, value]))
    const mistakes = mistakesIn(tmpdir(), variables)

    expect(Object.keys(mistakes)).toEqual(['AUTH_PROFILE'])
    expect(mistakes.AUTH_PROFILE).toContain(`set AUTH_PROFILE=${profile}`)
  })

  test('is nobody’s business when the profile is native', () => {
    const mistakes = mistakesIn(folder, { AUTH_PROFILE: 'native' })
    const left = Object.keys(mistakes).filter((key) => !/_CLIENT_|FRONTEND_URL/.test(key))

    expect(left).toEqual([])
  })

  test('in production on a server, too, with warnings instead of refusals', () => {
    const production = { ...environment, ENVIRONMENT: 'production' }
    const { settings, mistakes } = inspectSettings({ folder, environment: production })
    const found = bootWarnings(settings).map(({ warning }) => warning)

    expect(mistakes).toEqual([])
    expect(settings.auth.baseUrl).toMatch(/^https:\/\/localhost:\d+$/)
    expect(found).toContain('assumed_base_url')
    const isServer = /^(?:postgres|mongodb|sqlserver):/.test(settings.databaseUrl)
    expect(found.includes('derived_root_secret')).toBe(isServer)
    expect(/^[0-9a-f]{64}$/.test(settings.auth.secret ?? '')).toBe(isServer)
  })
})

test('the production file of the envelope service works as it is', () => {
  const text = `SECRET_KEY=${secrets[0]}
ACCESS_TOKEN_EXPIRE_MINUTES=30
REFRESH_TOKEN_EXPIRE_DAYS=7
DB_SERVER=tcp:acme.database.windows.net,1433
DB_DATABASE=auth
DB_USERNAME=ada
DB_PASSWORD=k3Jf9x2mQ7
FRONTEND_URL=https://app.example.com/
ENVIRONMENT=production
`
  const { mistakes, settings } = inspectSettings({
    folder: folderWith('.env', text),
    environment: { AUTH_PROFILE: 'envelope' },
  })

  expect(mistakes).toEqual([])
  expect(settings.auth.http?.allowedOrigins).toEqual([
    ...['https://app.example.com', 'http://localhost:3000', 'http://127.0.0.1:3000'],
  ])
  expect(settings.databaseUrl).toBe(
    'sqlserver://ada:k3Jf9x2mQ7@acme.database.windows.net:1433/auth',
  )
})
