import { nameOf } from '../testing/stand-in/people.js'
import { startStandIn } from '../testing/stand-in/stand-in.js'
import type { ServerSettings } from './env.js'

/**
 * Social login to click through, without an account anywhere: stand-ins for the providers, in this process. For
 * development only: anybody who reaches them signs in as anybody.
 */
export type DemoProviders = {
  /** As they were, with the stand-ins for login providers; those that were set up are left aside. */
  settings: ServerSettings
  stop(): Promise<void>
}

const names = ['google', 'facebook', 'github']

export const startDemoProviders = async (settings: ServerSettings): Promise<DemoProviders> => {
  const { origin, people, stop } = await startStandIn()
  const providers = [
    ...names.map((name) => ({ name, ...clientOf(name) })),
    { name: 'acme', title: 'Acme', issuer: 'https://id.acme.example', ...clientOf('acme') },
  ]
  const { providersOff: _aside, auth, ...rest } = settings
  return {
    settings: {
      ...rest,
      auth: { ...auth, oauth: { ...auth.oauth, providers, standIn: origin } },
      demoProviders: {
        origin,
        people: people.map(nameOf),
        aside: (auth.oauth?.providers ?? []).map(({ name }) => name),
      },
    },
    stop,
  }
}

/** The stand-in knows every client by a secret that is made of its id. */
const clientOf = (name: string) => ({
  clientId: `demo-${name}`,
  clientSecret: `demo-${name}-secret`,
})
