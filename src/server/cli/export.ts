import { chmodSync, createWriteStream, existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Auth } from '../../auth.js'
import type { User } from '../../features/accounts/store.js'
import type { Identity } from '../../features/oauth/store.js'
import { CliError } from './cli-error.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

type Options = { out?: string; yes?: boolean }

const page = 1000

/** latchkey export: the standard output holds nothing but the accounts. */
export const exportAccounts: Verb<Options> = (task) => {
  const { options, output } = task
  if (options.out === undefined && process.stdout.isTTY && !options.yes) {
    const detail = 'What is exported holds password hashes. Name a file with --out, or add --yes'
    throw new CliError('wrong', 'hashes_on_terminal', detail)
  }
  return withAuth(task, async ({ store }) => {
    let count = 0
    async function* lines(): AsyncGenerator<string> {
      for await (const users of pagesOf(store)) {
        count += users.length
        const lines: string[] = []
        for (const user of users) {
          const its = await store.identities.list(user.id)
          lines.push(`${JSON.stringify(userLine(user, its))}\n`)
        }
        yield lines.join('')
      }
    }
    if (options.out === undefined) {
      await pipeline(Readable.from(lines()), process.stdout, { end: false })
      return
    }
    const { out } = options
    if (existsSync(out)) chmodSync(out, 0o600) // the mode of a file that is there would stay
    await pipeline(Readable.from(lines()), createWriteStream(out, { mode: 0o600 }))
    output.result({ accounts: count, file: out }, () => `${count} accounts were written to ${out}`)
  })
}

async function* pagesOf({ users }: Auth['store']): AsyncGenerator<User[]> {
  let afterId: string | undefined
  for (;;) {
    const found = await users.list({ afterId, limit: page })
    if (found.length > 0) yield found
    if (found.length < page) return
    afterId = found.at(-1)?.id
  }
}

/** docs/guides/import.md says what each member is; `latchkey import` reads them all. */
const userLine = (user: User, identities: readonly Identity[]): object => ({
  id: user.id,
  email: user.email,
  username: user.username,
  first_name: user.firstName,
  last_name: user.lastName,
  email_verified: user.emailVerified,
  is_active: user.isActive,
  roles: user.roles,
  password_hash: user.passwordHash,
  created_at: user.createdAt.toISOString(),
  updated_at: user.updatedAt.toISOString(),
  last_login_at: user.lastLoginAt?.toISOString() ?? null,
  identities: identities.map(identityOf),
})

/** Without the tokens of the provider: those are sealed for this installation. */
const identityOf = (identity: Identity): object => ({
  provider: identity.provider,
  subject: identity.subject,
  email: identity.email,
  first_name: identity.firstName,
  last_name: identity.lastName,
  picture: identity.picture,
  created_at: identity.createdAt.toISOString(),
  last_used_at: identity.lastUsedAt.toISOString(),
})
