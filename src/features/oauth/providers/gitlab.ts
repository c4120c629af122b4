import { z } from 'zod'
import { openid } from './openid.js'
import type { Provider } from './provider.js'

/** GitLab: https://docs.gitlab.com/integration/openid_connect_provider/ Here and, with an issuer, where it runs elsewhere. */
const settings = z.strictObject({
  issuer: z.string().default('https://gitlab.com'),
  trustsEmail: z.boolean().default(false),
})

const tokenInfo = z.object({ application: z.object({ uid: z.string() }) })

export const gitlab = settings.transform(
  ({ issuer, trustsEmail }): Provider => ({
    ...openid({ name: 'gitlab', title: 'GitLab', issuer, trustsEmail }),
    confirm: async (ask, accessToken, { id }) => {
      const headers = { authorization: `Bearer ${accessToken}` }
      const answer = await ask(`${issuer}/oauth/token/info`, { headers })
      return tokenInfo.parse(answer).application.uid === id
    },
  }),
)
