import type { KeyInfo } from '../../features/tokens/keys.js'
import { CliError } from './cli-error.js'
import { keyJson, sharedSecretSentence } from './keys-list.js'
import { timeText } from './output.js'
import type { Verb } from './verb.js'
import { operator, withAuth } from './with-auth.js'

/** latchkey keys rotate */
export const keysRotate: Verb<{ now?: boolean }> = (task) =>
  withAuth(task, async (auth) => {
    const { options, output } = task
    if (auth.options.tokens.secret !== undefined)
      throw new CliError('refused', 'no_keys', sharedSecretSentence)
    const before = new Set((await auth.keys.list()).map(({ id }) => id))
    await auth.keys.rotate({ atOnce: options.now === true }, operator)
    const keys = await auth.keys.list()
    const added = keys.find(({ id }) => !before.has(id))
    output.result(
      { added: added === undefined ? null : keyJson(added), keys: keys.map(keyJson) },
      () => sentenceFor(added, keys),
    )
  })

const sentenceFor = (added: KeyInfo | undefined, keys: readonly KeyInfo[]): string => {
  const next = added ?? keys.find(({ state }) => state === 'next')
  if (next === undefined) return 'Nothing changed.'
  if (next.state === 'active')
    return `Key ${next.id} signs from now on; running servers see it within ten seconds.\nThe key before it stays published for an hour, so tokens it signed stay good. Services that keep the JWKS for longer refuse new tokens until they fetch it again.`
  const when = `signs from ${timeText(next.activatesAt)}; until then everybody has time to fetch it`
  return added === undefined
    ? `A key is waiting already: ${next.id} ${when}. No other was made; --now makes one that signs at once.`
    : `Key ${next.id} is published now and ${when}.\nThe present key stays published for an hour after that, so no token breaks.`
}
