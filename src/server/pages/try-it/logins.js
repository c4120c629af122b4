import { build, byId } from './dom.js'
import { resetForm, wireForm } from './forms.js'
import { leaveToLink, returnTo } from './journey.js'
import { tell, went } from './notice.js'
import { has } from './speech.js'
import { fromNow, momentOf } from './words.js'

/** The logins that the user has linked: what they are, one more, one less. */
export const createLogins = ({ session, providers, reloadSessions }) => {
  let pending

  const load = async () => {
    if (!has('GET /auth/identities')) return
    settle()
    const answer = await session.call({ method: 'GET', path: '/auth/identities' })
    if (!went(answer)) return
    const { identities } = answer.content
    byId('tab-logins').textContent = `Logins ${identities.length}`
    byId('no-logins').hidden = identities.length > 0
    byId('identities').replaceChildren(...identities.map(entryOf))
    byId('link-buttons').replaceChildren(...providers.list().map(linkButtonOf))
    byId('link-more').hidden = providers.list().length === 0
  }

  const entryOf = (identity) => {
    const title = providers.titleOf(identity.provider)
    const unlink = build(
      'button',
      {
        type: 'button',
        class: 'button button-small',
        'aria-label': `Unlink ${title} ${identity.email ?? ''}`.trim(),
      },
      'Unlink',
    )
    unlink.addEventListener('click', () =>
      attempt({
        request: { method: 'DELETE', path: `/auth/identities/${encodeURIComponent(identity.id)}` },
        done: async () => {
          await load()
          await reloadSessions()
          byId('reload-logins').focus()
          tell(`${title} is unlinked. All other sessions have ended.`)
        },
      }),
    )
    return build(
      'li',
      { 'data-testid': 'identity', 'data-provider': identity.provider },
      build(
        'div',
        { class: 'session-what' },
        build('p', { class: 'session-device' }, title),
        build('p', { class: 'session-when' }, identity.email ?? 'no e-mail address'),
        build(
          'p',
          { class: 'session-when', title: momentOf(new Date(identity.created_at)) },
          `linked ${ago(identity.created_at)}, last used ${ago(identity.last_used_at)}`,
        ),
      ),
      unlink,
    )
  }

  const linkButtonOf = ({ name, title }) => {
    const button = build(
      'button',
      { type: 'button', class: 'button button-small', 'data-provider': name },
      `Link ${title}`,
    )
    button.addEventListener('click', () =>
      attempt({
        request: {
          method: 'POST',
          path: `/auth/oauth/${name}/link`,
          body: { return_to: returnTo() },
        },
        done: ({ content }) => leaveToLink(content.location, name),
      }),
    )
    return button
  }

  /** Tries; asks for the password only where the server wants to know more. */
  const attempt = async (wish) => {
    settle()
    const answer = await session.call(wish.request)
    if (answer.ok) return wish.done(answer)
    if (answer.problem.code !== 'reauthentication_required') return went(answer)
    pending = wish
    byId('confirm-form').hidden = false
    byId('confirm-password').focus()
  }

  const settle = () => {
    pending = undefined
    byId('confirm-form').hidden = true
    resetForm(byId('confirm-form'))
  }

  wireForm(byId('confirm-form'), {
    fields: { wrong_password: 'password' },
    submit: ({ password }) =>
      session.call({ ...pending.request, body: { ...pending.request.body, password } }),
    done: (answer) => {
      const { done } = pending
      settle()
      done(answer)
    },
  })
  byId('confirm-cancel').addEventListener('click', () => {
    settle()
    byId('reload-logins').focus()
  })
  byId('reload-logins').addEventListener('click', load)

  return { load }
}

const ago = (text) => fromNow(new Date(text))
