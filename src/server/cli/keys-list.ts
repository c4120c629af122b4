import type { KeyInfo } from '../../features/tokens/keys.js'
import { table, timeText } from './output.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

/** latchkey keys list */
export const keysList: Verb = (task) =>
  withAuth(task, async (auth) => {
    const { output } = task
    if (auth.options.tokens.secret !== undefined) {
      output.result({ algorithm: 'HS256', keys: [] }, () => sharedSecretSentence)
      return
    }
    const keys = await auth.keys.list()
    output.result({ algorithm: 'ES256', keys: keys.map(keyJson) }, () =>
      table(['ID', 'STATE', 'ALGORITHM', 'CREATED', 'ACTIVE FROM'], keys.map(cells), output.paint),
    )
  })

export const sharedSecretSentence =
  'Access tokens are signed with HS256 and JWT_SECRET_KEY: there are no keys to list or rotate. To replace the secret, change JWT_SECRET_KEY; access tokens of before are refused from then on, sessions go on.'

export const keyJson = ({ id, state, algorithm, createdAt, activatesAt }: KeyInfo): object => ({
  id,
  state,
  algorithm,
  created_at: createdAt.toISOString(),
  active_from: activatesAt.toISOString(),
})

const cells = ({ id, state, algorithm, createdAt, activatesAt }: KeyInfo): string[] => [
  id,
  state,
  algorithm,
  timeText(createdAt),
  timeText(activatesAt),
]
