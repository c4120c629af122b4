import { z } from 'zod'
import { nameOf, optionalText, subject } from './claims.js'
import type { Provider } from './provider.js'

/** Microsoft Entra ID: https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc */
const host = 'https://login.microsoftonline.com'
/** The tenant of all personal accounts. */
const personal = '9188040d-6c67-4c5b-b112-36a304b66dad'

const settings = z.strictObject({
  tenant: z.union([z.guid().toLowerCase(), z.enum(['common', 'organizations', 'consumers'])], {
    error: 'is needed: the id of your tenant, or common, organizations or consumers',
  }),
  trustsEmail: z.boolean().default(false),
})

/** The claim comes as a truth value, and from some tenants as 1. */
const isOwned = z
  .unknown()
  .optional()
  .transform((value) => value === true || value === 1 || value === '1')

const claims = z.object({
  sub: subject,
  tid: z.guid().toLowerCase(),
  email: optionalText,
  /** Whether the domain of the address belongs to the tenant; has to be asked for in the registration of the app. */
  xms_edov: isOwned,
  given_name: optionalText,
  family_name: optionalText,
})

/** Who may come, by the tenant of their account. The ID token's issuer has to be that of this tenant. */
const admits = (tenant: string, tid: string): boolean => {
  if (tenant === 'common') return true
  if (tenant === 'organizations') return tid !== personal
  return tid === (tenant === 'consumers' ? personal : tenant)
}

export const microsoft = settings
  .refine(({ tenant, trustsEmail }) => !trustsEmail || z.guid().safeParse(tenant).success, {
    path: ['trustsEmail'],
    error:
      'is for a single tenant of your own: in the others anybody may write any address (nOAuth)',
  })
  .transform(
    ({ tenant, trustsEmail }): Provider => ({
      name: 'microsoft',
      title: 'Microsoft',
      protocol: 'openid',
      server: {
        issuer: `${host}/${tenant}/v2.0`,
        ...(!z.guid().safeParse(tenant).success && {
          signedIssuer: `${host}/${tenant === 'consumers' ? personal : '{tenantid}'}/v2.0`,
        }),
      },
      scopes: ['openid', 'email', 'profile'],
      person: claims
        .refine(({ tid }) => admits(tenant, tid), { path: ['tid'] })
        .transform(({ sub, tid, email = null, ...said }) => ({
          // whoever runs a tenant names its accounts, so that a subject means something within its tenant only
          subject: `${tid}.${sub}`,
          email,
          // administrators write addresses as they like: without word of the domain's owner they prove nothing (nOAuth)
          isEmailConfirmed: email !== null && (said.xms_edov || trustsEmail),
          isEmailAuthoritative: email !== null && (said.xms_edov || trustsEmail),
          firstName: nameOf(said.given_name),
          lastName: nameOf(said.family_name),
          picture: null,
        })),
    }),
  )
