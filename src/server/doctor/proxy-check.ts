import { z } from 'zod'
import { createClientAddresses } from '../../http/client-address.js'
import { systemClock } from '../../lib/clock.js'
import { addressRanges, canonicalAddress } from '../../lib/ip-address.js'
import { askProbe, probeHeader, probePath, type Sighting } from '../probe.js'
import { type Answered, ask } from './ask.js'
import { type Check, type Finding, ok, problem, startWarnings, unless, warning } from './check.js'
import { usersDoor } from './doors.js'

/**
 * What the server makes of the addresses of its callers. Doctor asks through BASE_URL, says in X-Forwarded-For that it is
 * somebody else, and is told by the server what arrived.
 */
export const proxyCheck: Check = {
  name: 'proxy',
  looksAt:
    'the address by which the server knows a caller who comes through BASE_URL: whether the proxy tells it, is in TRUSTED_PROXIES, and lets nobody pretend another',
  mend: 'Set TRUSTED_PROXIES to the address of the proxy; let the proxy write X-Forwarded-For itself',
  run: async (patient) => {
    const door = usersDoor(patient.doors)
    if (door === undefined) return unless(startWarnings(patient, 'proxy'), 'no server to ask')
    const seen = await askThrough(door.url, patient.secret)
    const known = startWarnings(patient, 'proxy', seen === undefined ? [] : ['no_trusted_proxies'])
    if (seen !== undefined) {
      const { trustedProxies: trusted } = seen.sighting
      const wanted = patient.settings.auth.http?.trustedProxies ?? []
      const finding = judge({ ...seen, trusted, isHttps: door.url.startsWith('https:') })
      return [...known, wanted.join() === trusted.join() ? finding : notYetRead]
    }
    const silence = warning(
      `the server at ${door.url} does not say what it sees: it has another root secret, or a proxy keeps the header ${probeHeader} from it`,
      'Run doctor with the settings of that server (its folder, its .env), and start it again if it is older',
    )
    return [...known, silence]
  },
}

/** An address that belongs to nobody (RFC 5737). */
const pretended = '203.0.113.77'

const notYetRead = problem(
  'the running server was started with another TRUSTED_PROXIES than is set now',
  'Start the server again',
)

type Seen = { sighting: Sighting; from: Answered['from'] }

const sightingSchema = z.object({
  peer: z.object({ address: z.string(), port: z.number() }),
  forwardedFor: z.string().nullable(),
  others: z.array(z.string()),
  trustedProxies: z.array(z.string()),
  now: z.number(),
})

const askThrough = async (url: string, secret: string | undefined): Promise<Seen | undefined> => {
  if (secret === undefined) return undefined
  const headers = { [probeHeader]: askProbe(secret, systemClock()), 'x-forwarded-for': pretended }
  const answer = await ask(`${url}${probePath}`, { headers })
  if (answer.outcome !== 'answer') return undefined
  const read = sightingSchema.safeParse(answer.body)
  return read.success ? { sighting: read.data, from: answer.from } : undefined
}

type Case = Seen & { trusted: readonly string[]; isHttps: boolean }

const judge = ({ sighting, from, trusted, isHttps }: Case): Finding => {
  const { forwardedFor, others } = sighting
  const peer = canonicalAddress(sighting.peer.address) ?? sighting.peer.address
  const proxies = addressRanges(trusted)
  const isTrusted = proxies.includes(peer)
  const isDirect = from.port === sighting.peer.port && canonicalAddress(from.address) === peer
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim())
  const told = hops.filter((hop) => hop !== pretended && hop !== '')
  const hint = others.length > 0 ? ` It sends ${others.join(', ')}, which is never read.` : ''

  if (isDirect) {
    return isTrusted
      ? warning(
          `TRUSTED_PROXIES trusts ${peer}, and requests come straight from there: they may pretend any address`,
          `Remove ${peer} from TRUSTED_PROXIES, unless only a proxy can connect from there`,
        )
      : ok('nothing stands in front of the server')
  }
  if (!isTrusted && told.length > 0) {
    return problem(
      `the proxy at ${peer} tells whom it speaks for, and is not believed: all users share its address and its limits`,
      `Set TRUSTED_PROXIES=${[...trusted, peer].join(',')}, and start the server again`,
    )
  }
  if (!isTrusted) {
    const [detail, remedy] = [
      `whatever stands in front at ${peer} does not tell whom it speaks for: all users share its address and its limits.${hint}`,
      `${howToTell} Then set TRUSTED_PROXIES=${[...trusted, peer].join(',')}`,
    ]
    return isHttps ? problem(detail, remedy) : warning(detail, remedy)
  }
  const headers = { 'x-forwarded-for': forwardedFor ?? undefined }
  const client = createClientAddresses(trusted)({ address: peer, headers }).address
  // where doctor runs on the machine of the proxy, its own address is a trusted one
  const isOwnHop = hops[hops.indexOf(pretended) + 1] === canonicalAddress(from.address)
  if (client === pretended && !isOwnHop) {
    return problem(
      `the proxy at ${peer} hands on X-Forwarded-For as the caller wrote it: anybody may pretend any address, and so escape all limits`,
      howToTell,
    )
  }
  if (told.length === 0) {
    return problem(
      `the proxy at ${peer} is trusted and does not tell whom it speaks for: all users share its address and its limits.${hint}`,
      howToTell,
    )
  }
  if (client === undefined) {
    return problem(
      `the proxy at ${peer} writes something into X-Forwarded-For that is no address: all users share one limit`,
      howToTell,
    )
  }
  const caller = isOwnHop ? from.address : client
  return ok(`the proxy at ${peer} is trusted and says that this comes from ${caller}`)
}

const howToTell =
  'Let the proxy add the address of its caller to X-Forwarded-For; in nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;'
