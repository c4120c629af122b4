import { devNull } from 'node:os'
import { describe, expect, test } from 'vitest'
import { inspectSettings, type Variables } from './settings.js'

/** Mistakes by the name they are reported under. */
const mistakesOf = (environment: Variables): Record<string, string[]> => {
  const found: Record<string, string[]> = {}
  for (const { option, detail } of inspectSettings({ environment, envFile: devNull }).mistakes)
    found[option] = [...(found[option] ?? []), detail]
  return found
}

describe('names', () => {
  test('with our prefixes that are none of ours are refused', () => {
    expect(mistakesOf({ JWT_SECRET: 'x', LATCHKEY_COLOUR: 'red' })).toEqual({
      JWT_SECRET: [expect.any(String)],
      LATCHKEY_COLOUR: [expect.any(String)],
    })
  })

  test.each([
    ['LOCK_MINUTE', 'LOCK_MINUTES'],
    ['LOCK_AFTER_FAILURE', 'LOCK_AFTER_FAILURES'],
    ['LOCK_AFTER_TRIES', 'docs/configuration.md'],
    ['DENIED_ADRESSES', 'DENIED_ADDRESSES'],
    ['DENIED_IPS', 'docs/configuration.md'],
    ['ALLOWED_ADDRESS', 'ALLOWED_ADDRESSES'],
    ['ADMIN_DENIED_ADRESSES', 'ADMIN_DENIED_ADDRESSES'],
    ['ADMIN_ALLOWED_IPS', 'docs/configuration.md'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['TRUST_PROXIES', 'TRUSTED_PROXIES'],
    ['CLEAR_SITEDATA', 'CLEAR_SITE_DATA'],
    ['ENUMARATION', 'ENUMERATION'],
    ['MAX_REQUEST_SIZE', 'docs/configuration.md'],
    ['RATE_LIMIT_LOGINS', 'RATE_LIMIT_LOGIN'],
    ['GOOGLE_CLIENT_SECRT', 'GOOGLE_CLIENT_SECRET'],
    ['RETURN_URL', 'RETURN_URLS'],
    ['OIDC_CLIENT_ID', 'docs/configuration.md'],
    ['OIDC_ACME_CLIENTID', 'docs/configuration.md'],
    ['OIDC_ACME_TITLE_FILE', 'OIDC_ACME_TITLE'],
  ])('that are misspelt stop the start and name the right one: %s', (name, near) => {
    expect(mistakesOf({ [name]: '10' })).toEqual({ [name]: [expect.stringContaining(near)] })
  })

  test('of the machine around us are left alone', () => {
    const environment = {
      ADMIN_PASSWORD: 'hush',
      ADMIN_EMAIL: 'root@example.com',
      ADMIN_USER: 'root',
      LOCK_FILE: '/run/lock/other',
      LOCK_TIMEOUT: '30',
      ALLOWED_HOSTS: 'id.example.com',
      TRUSTED_HOSTS: 'id.example.com',
      MAX_WORKERS: '4',
      CLEAR_CACHE: '1',
      SESSION_MANAGER: 'local/ada:@/tmp/.ICE-unix/1',
      PASSWORD_STORE_DIR: '.password-store',
      LATCHKEY_PORT: 'tcp://10.0.0.7:8000',
      METRICS_PORT: 'tcp://10.0.0.8:9464',
      METRICS_ENABLED: 'true',
      LATCHKEY_PORT_8000_TCP_ADDR: '10.0.0.7',
      LATCHKEY_SERVICE_HOST: '10.0.0.7',
      AUTH_SERVICE_PORT_HTTP: '80',
      GITHUB_ACTIONS: 'true',
      GITHUB_TOKEN: 'hush',
      GOOGLE_APPLICATION_CREDENTIALS: '/run/google.json',
      GOOGLE_CLIENT_EMAIL: 'robot@example.com',
      FACEBOOK_CLIENT_TOKEN: 'hush',
      APPLE_ID: 'ada@example.com',
      PATH: '/usr/bin',
    }

    expect(mistakesOf(environment)).toEqual({})
    expect(Object.keys(mistakesOf({ LATCHKEY_PORT: '9000' }))).toEqual(['LATCHKEY_PORT'])
  })
})
