import { byId } from './dom.js'
import { resetForm, wireForm } from './forms.js'
import { tell } from './notice.js'

/** What a signed-in user can change: the profile, the password, and whether the account exists. */
export const wireSettings = ({ session, loadSessions, leave }) => {
  wireForm(byId('profile-form'), {
    fields: { username_taken: 'username' },
    submit: (values) => {
      const body = changesIn(values, session.now().user)
      return session.call({ method: 'PATCH', path: '/auth/me', body })
    },
    done: ({ content }) => {
      session.setUser(content)
      tell('The profile is saved.')
    },
  })
  wireForm(byId('password-form'), {
    fields: { wrong_password: 'current_password' },
    submit: (values) => {
      const body = withoutEmpty(values, 'current_password')
      return session.call({ method: 'POST', path: '/auth/password/change', body })
    },
    done: async ({ content }) => {
      session.adopt(content)
      resetForm(byId('password-form'))
      tell('The password is changed. Every other session has ended.')
      await loadSessions()
    },
  })
  wireForm(byId('delete-form'), {
    fields: { wrong_password: 'password' },
    submit: (values) => {
      const body = withoutEmpty(values, 'password')
      return session.call({ method: 'DELETE', path: '/auth/me', body })
    },
    done: () => leave('The account is deleted.'),
  })
}

/** An account that came in through a provider may have no password, and so sends none. */
const withoutEmpty = ({ ...values }, name) => {
  if (values[name] === '') delete values[name]
  return values
}

/** Only what differs from the profile is sent; an emptied field is sent as null. */
const changesIn = (values, user) => {
  const changed = Object.entries(values).filter(([name, value]) => value !== (user[name] ?? ''))
  return Object.fromEntries(changed.map(([name, value]) => [name, value === '' ? null : value]))
}
