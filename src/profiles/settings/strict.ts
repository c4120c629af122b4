import type { DialectSettings } from '../dialect.js'

/** The strict service: names as ours, bounds of its own. */
const secret = (name: string) => ({
  leastCharacters: 32,
  sentence: `${name} must be set and at least 32 characters`,
})

export const strictSettings: DialectSettings = {
  names: {},
  // its document has no pages
  defaults: { DATABASE_URL: 'sqlite:///./secure_app.db', DOCS: 'false' },
  ranges: { MAX_REQUEST_BODY_SIZE: [1, 1_048_576], RATE_LIMIT_REQUESTS: [1, 100] },
  samples: ['your-generated-secret-key-here', 'your-generated-refresh-secret-key-here'],
  needed: {
    JWT_SECRET_KEY: secret('JWT_SECRET_KEY'),
    JWT_REFRESH_SECRET_KEY: secret('JWT_REFRESH_SECRET_KEY'),
  },
  signatures: [{ all: ['JWT_SECRET_KEY', 'JWT_REFRESH_SECRET_KEY'], without: 'LATCHKEY_SECRET' }],
}
