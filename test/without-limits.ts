/** All tests ask from one address, and many of them often; those that are about limits set their own. */
export const withoutLimits = { requests: 0, login: 0, register: 0, refresh: 0 }

/** The same as settings of a server. */
export const unlimited = {
  RATE_LIMIT_REQUESTS: '0',
  RATE_LIMIT_LOGIN: '0',
  RATE_LIMIT_REGISTER: '0',
  RATE_LIMIT_REFRESH: '0',
}
