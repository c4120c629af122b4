import type { Mistake } from '../../errors.js'
import { trusted } from '../../lib/trusted.js'
import type { Provider } from './providers/provider.js'
import { knownProviders } from './providers/table.js'
import type { ProviderSetup } from './providers.js'

/** What an operator says of a provider. */
type Given = {
  name: string
  clientId: string
  clientSecret: string
  issuer?: string | undefined
  title?: string | undefined
  definition?: unknown
}

/** The providers that can be spoken to, and what is wrong with the others. */
export const readSetups = (
  given: readonly Given[],
): { setups: readonly ProviderSetup[]; mistakes: readonly Mistake[] } => {
  const setups: ProviderSetup[] = []
  const mistakes: Mistake[] = []
  for (const { clientId, clientSecret, ...about } of given) {
    const provider = providerOf(about)
    if (provider === undefined)
      mistakes.push({
        option: 'oauth.providers',
        detail: `names "${about.name}", which is not known: give its issuer, or a definition`,
      })
    else setups.push({ provider, client: { id: clientId, secret: clientSecret } })
  }
  return { setups, mistakes }
}

const known = new Map<string, Provider>(Object.entries(knownProviders))

const providerOf = ({ name, title, definition }: Omit<Given, 'clientId' | 'clientSecret'>) => {
  const found = definition ? trusted<Provider>(definition) : known.get(name)
  return found && { ...found, name, title: title ?? found.title }
}
