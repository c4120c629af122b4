import { ConfigurationError } from './errors.js'
import { createAccounts } from './features/accounts/accounts.js'
import { createAdministration } from './features/accounts/administration.js'
import { createImporting } from './features/accounts/import/importing.js'
import { createLocks } from './features/accounts/locks.js'
import { createReauthentication } from './features/accounts/reauthentication.js'
import { createEvents } from './features/events/events.js'
import { createRecorders } from './features/events/recorders.js'
import { createTrail } from './features/events/trail.js'
import { createTrailKey } from './features/events/trail-key.js'
import { createAttemptKeys } from './features/limits/attempt-keys.js'
import { createAttempts } from './features/limits/attempts.js'
import { createKnownDevices } from './features/limits/known-devices.js'
import { forgetSeconds } from './features/limits/policy.js'
import { createRateLimits } from './features/limits/rate-limits.js'
import { createSurges } from './features/limits/surges.js'
import { createEnter } from './features/login/enter.js'
import { createLogin } from './features/login/login.js'
import { createNewDevices } from './features/login/new-devices.js'
import { createRegister } from './features/login/register.js'
import { createClients } from './features/oauth/clients.js'
import { createIntrospection } from './features/oauth/introspection.js'
import { createRevocation } from './features/oauth/revocation.js'
import { createSocialLogin } from './features/oauth/social-login.js'
import { createHashing } from './features/passwords/hashing.js'
import { createPasswords } from './features/passwords/passwords.js'
import { createJanitor } from './features/sessions/janitor.js'
import { createLiveSessions } from './features/sessions/live-sessions.js'
import { inRefreshTokenFormat } from './features/sessions/refresh-token-format.js'
import { createRefreshTokens } from './features/sessions/refresh-tokens.js'
import { createSessions } from './features/sessions/sessions.js'
import { createSignOut } from './features/sessions/sign-out.js'
import { createKeys } from './features/tokens/keys.js'
import { createTokens } from './features/tokens/tokens.js'
import { addSeconds } from './lib/clock.js'
import { silentLog } from './lib/log.js'
import { createReadiness } from './lib/readiness.js'
import { createSeal } from './lib/seal.js'
import { watchLines } from './lib/watch-lines.js'
import { type AuthOptions, readOptions } from './options.js'
import { dialectOf } from './profiles/dialects.js'
import { legacyOf } from './profiles/legacy.js'
import { createStoreClock } from './stores/store-clock.js'
import { withPorts } from './stores/with-ports.js'

/**
 * The front hall: every room is wired here by hand, top to bottom, and each is given no more than it needs.
 *
 * @throws ConfigurationError with all mistakes in the options at once
 */
export const createAuth = (given: AuthOptions) => {
  const options = readOptions(given)
  const dialect = dialectOf(options.profile)
  const { log = silentLog, users } = given
  const store = users === undefined ? given.store : withPorts(given.store, { users })
  const clockPlace = options.clockSource === 'store' ? store.places[0] : undefined
  const storeClock = createStoreClock({ place: clockPlace })
  const { clock = storeClock.clock } = given
  const secret = options.secret ?? store.localSecret?.() ?? missingSecret()
  const secrets = [secret, ...options.previousSecrets] as const

  const recorders = createRecorders({ store, key: createTrailKey(secret), clock, log })
  const events = createEvents({
    transaction: store.transaction,
    clock,
    log,
    listeners: given.onEvent === undefined ? [] : [given.onEvent],
    alertListeners: given.onAlert === undefined ? [] : [given.onAlert],
    recorders,
  })
  const trail = createTrail({ store, events, clock, secrets })

  const limits = createRateLimits({ settings: options.limits, shared: store.counters, clock, log })

  const knownDevices = createKnownDevices(secrets)
  const attemptKeys = createAttemptKeys(secret)
  const attempts = createAttempts({
    store,
    events,
    clock,
    log,
    keys: attemptKeys,
    devices: knownDevices,
    surges: createSurges({ clock, processes: store.peers?.count }),
    settings: options.locks,
  })

  const hashing = createHashing({ ...options.passwords, log })
  const passwords = createPasswords({
    hashing: options.hashing,
    policy: options.passwords.policy,
    serviceName: options.name,
    gate: hashing.gate,
    workers: hashing.workers,
  })

  const legacy = legacyOf(options, { store: given.legacy?.tokens, clock })
  const keys = createKeys({
    keys: store.keys,
    events,
    seal: createSeal(secrets),
    clock,
    log,
    rotateSeconds: options.tokens.rotateKeys,
    peers: store.peers,
  })
  const tokens = createTokens({
    settings: {
      issuer: options.tokens.issuer,
      audience: options.tokens.audience,
      expiresSeconds: options.tokens.expires,
      secret: options.tokens.secret,
      claims: given.tokens?.claims,
      format: dialect.tokens,
      legacy: legacy.access,
    },
    keys,
    clock,
  })

  const { subject } = dialect.tokens ?? legacy.access?.format ?? {}
  const live = createLiveSessions({ store, clock, subject, peers: store.peers })
  const opaqueTokens = createRefreshTokens([
    options.sessions.secret ?? secret,
    ...options.previousSecrets,
  ])
  const formats = { spoken: dialect.refreshTokens, before: legacy.refreshFormat }
  const refreshTokens = inRefreshTokenFormat(opaqueTokens, formats, {
    'of access tokens': options.tokens.secret,
    'of refresh tokens': options.sessions.secret,
  })
  const sessions = createSessions({
    ...{ store, events, clock, tokens, refreshTokens, live },
    legacy: legacy.refresh,
    settings: {
      refreshSeconds: options.sessions.refreshExpires,
      absoluteSeconds: options.sessions.absoluteExpires,
      graceSeconds: options.sessions.grace,
      isGraceStrict: options.sessions.strictGrace,
      perUser: options.sessions.perUser,
      rotates: dialect.rotates,
    },
  })
  const clients = createClients(options.clients)
  const introspect = createIntrospection({ store, tokens, refreshTokens, clock })
  const revoke = createRevocation({ sessions, tokens })
  const signOut = createSignOut({ sessions, tokens })
  const janitor = createJanitor({
    sessions: store.sessions,
    chores: [
      (limit) => store.attempts.removeForgotten(addSeconds(clock(), -forgetSeconds), limit),
      (limit) => store.spent.removeExpired(clock(), limit),
    ],
    clock,
    log,
    settings: { purgeSeconds: options.sessions.purge },
  })

  const { emails, ids } = dialect.accounts
  const reauthentication = createReauthentication({ store, attempts, passwords, clock })
  const settings = { emails, ids: options.accounts.ids ?? ids }
  const accounts = createAccounts({
    ...{ store, events, clock, reauthentication, passwords, sessions, live, settings },
  })
  const administration = createAdministration({
    ...{ store, events, clock, passwords, accounts, live, sessions, emails },
  })

  const importing = createImporting({
    ...{ store, events, clock, passwords },
    settings: { ...settings, hashing: options.hashing },
    ...hashing,
  })

  const locks = createLocks({ store, events, clock, administration, keys: attemptKeys })

  const newDevices = createNewDevices({ knownDevices, clock, log })
  const enter = createEnter({ events, sessions, live, knownDevices, newDevices, clock })
  const login = createLogin({ store, events, clock, attempts, passwords, enter, log, emails })
  const register = createRegister({ accounts, enter })
  const social = createSocialLogin({
    ...{ store, events, clock, log, accounts, reauthentication, sessions, live, enter, emails },
    secrets,
    settings: { ...options.oauth, setups: options.setups, baseUrl: options.baseUrl },
  })

  const lines = [...hashing.lines, ...social.lines, ...(store.lines ?? [])]
  watchLines(lines, { log, clock })

  /** Brings the store up to date and makes the first signing key. The first request does it, if nobody did before. */
  const start = async (): Promise<void> => {
    await store.migrate()
    if (given.clock === undefined) await storeClock.start()
    await tokens.ready()
    janitor.start()
  }
  const { ready, whenReady } = createReadiness(start)

  return {
    /** As given, with every default filled in. */
    options,
    /** How it is all said over HTTP. */
    dialect,
    log,
    store,
    ready,
    register: whenReady(register),
    login: whenReady(login),
    refresh: whenReady(sessions.refresh),
    signOut: whenReady(signOut),
    /** Who holds an access token, if their session still stands. */
    authenticate: whenReady(sessions.authenticate),
    updateProfile: whenReady(accounts.updateProfile),
    changePassword: whenReady(accounts.changePassword),
    deleteAccount: whenReady(accounts.remove),
    /** What a provider gave to us besides, to speak to it in the name of a user, where `oauth.keepTokens` says so. */
    providerTokens: whenReady(social.tokens),
    sessions: {
      list: whenReady(sessions.list),
      end: whenReady(sessions.end),
      /**
       * Removes sessions that expired more than a day ago, in small batches, as happens by itself every `sessions.purge`.
       * Returns how many there were.
       *
       * @throws AuthError `store_unavailable`
       */
      purge: whenReady(janitor.sweep),
    },
    users: {
      create: whenReady(administration.create),
      find: whenReady(administration.find),
      list: whenReady(administration.list),
      setActive: whenReady(administration.setActive),
      resetPassword: whenReady(administration.resetPassword),
      /** Accounts of another place, many at once; for who has awaited `ready`. */
      import: importing,
    },
    /** Who is locked out because of wrong passwords. */
    locks: { list: whenReady(locks.list), clear: whenReady(locks.clear) },
    keys: {
      list: whenReady(async () => (options.tokens.secret === undefined ? keys.list() : [])),
      rotate: whenReady(keys.rotate),
      jwks: whenReady(tokens.jwks),
    },
    /** Everything that was recorded. */
    trail: {
      list: whenReady(trail.list),
      verify: whenReady(trail.verify),
      prune: whenReady(trail.prune),
      publicKey: trail.publicKey,
    },
    /** Hears of every event once it is safe in the trail. The returned function ends that. */
    onEvent: events.listen,
    /** How busy the password hashing is, in all and by what is hashed for. */
    hashLoad: hashing.gate.load,
    /** Where callers wait, how many, and how many were sent away. */
    lines,
    /** How the calls to each login provider went since the start, by its name. */
    providerCalls: social.counts,
    /** Ends the hash workers and the janitor, tells what is left to tell, and closes the store. */
    close: async (): Promise<void> => {
      await hashing.workers.close()
      storeClock.stop()
      await janitor.stop()
      await attempts.stop()
      await recorders.close()
      await store.close()
      await given.legacy?.tokens?.close?.()
    },
    /** The rooms themselves, for the routes. */
    rooms: {
      limits,
      login,
      register,
      sessions,
      signOut,
      accounts,
      tokens,
      knownDevices,
      clients,
      introspect,
      revoke,
      social,
    },
  }
}
export type Auth = ReturnType<typeof createAuth>

const missingSecret = (): never => {
  throw new ConfigurationError([
    {
      option: 'secret',
      detail: 'is needed: this store keeps none of its own. Give at least 32 random bytes',
    },
  ])
}
