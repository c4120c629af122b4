import type { DialectSettings, Making } from '../dialect.js'

/** The username service: `config.env`, names in any case, as pydantic reads them. */
export const usernameSettings: DialectSettings = {
  file: 'config.env',
  anyCase: true,
  names: {
    secret_key: 'JWT_SECRET_KEY',
    algorithm: 'JWT_ALGORITHM',
    access_token_expire_minutes: 'ACCESS_TOKEN_EXPIRE_MINUTES',
    server_host: 'HOST',
    server_port: 'PORT',
  },
  made: [
    {
      variable: 'LOG_LEVEL',
      of: ['debug'],
      make: ({ debug }): Making | undefined => {
        if (debug === undefined || /^(?:false|f|0|no|n|off)$/i.test(debug)) return undefined
        if (/^(?:true|t|1|yes|y|on)$/i.test(debug)) return { text: 'debug' }
        return { mistakes: [{ option: 'debug', detail: 'must be true or false' }] }
      },
    },
  ],
  defaults: { HOST: '0.0.0.0', PORT: '7777' },
  // it set no bound
  ranges: { ACCESS_TOKEN_EXPIRE_MINUTES: [1, 1440] },
  samples: ['your-secret-key', 'your_secret_key'],
  signatures: [
    { all: ['secret_key', 'access_token_expire_minutes'] },
    { all: ['secret_key', 'server_port'] },
    { all: ['secret_key', 'server_host'] },
    { all: ['SECRET_KEY', 'SERVER_HOST', 'SERVER_PORT', 'ACCESS_TOKEN_EXPIRE_MINUTES'] },
  ],
}
