import { build, byId } from './dom.js'
import { fromNow, instantOf, momentOf } from './words.js'

/** The signed-in user: who it is, in what state, and the profile form filled in. */
export const showAccount = (user) => {
  const name = nameOf(user)
  byId('account-name').textContent = name
  byId('account-email').hidden = name === user.email
  byId('account-email').textContent = user.email ?? (user.email === null ? 'no e-mail address' : '')
  byId('account-initials').textContent = initialsOf(name)
  // for the password manager of the browser; what is set as the default outlives a reset
  for (const input of document.querySelectorAll('[data-account]'))
    input.defaultValue = user.email ?? user.username ?? ''
  byId('account-badges').replaceChildren(...badgesOf(user))
  byId('account-facts').replaceChildren(...factsOf(user))
  byId('profile-username').value = user.username ?? ''
  byId('profile-first-name').value = user.first_name ?? ''
  byId('profile-last-name').value = user.last_name ?? ''
}

const nameOf = (user) =>
  [user.first_name, user.last_name].filter(Boolean).join(' ') ||
  user.username ||
  user.email ||
  String(user.id)

const initialsOf = (name) =>
  name
    .split(/[\s@._-]+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()

// Dialects tell less than the native API; what is not told is not shown.
const badgesOf = (user) =>
  [
    'is_active' in user &&
      badge(user.is_active ? 'active' : 'disabled', user.is_active ? 'good' : 'bad'),
    'email_verified' in user &&
      badge(
        user.email_verified ? 'e-mail verified' : 'e-mail not verified',
        user.email_verified ? 'good' : '',
      ),
    ...(user.roles ?? []).map((role) => badge(role, '')),
  ].filter(Boolean)

const badge = (text, tone) => build('li', { class: 'pill', 'data-tone': tone }, text)

const factsOf = (user) =>
  [
    'username' in user && fact('Username', user.username ?? '–'),
    'created_at' in user && fact('Created', moment(user.created_at)),
    'last_login_at' in user && fact('Last login', moment(user.last_login_at)),
    'last_login' in user && fact('Last login', moment(user.last_login)),
    fact('Id', build('code', {}, String(user.id))),
  ].filter(Boolean)

const fact = (name, value) => build('div', {}, build('dt', {}, name), build('dd', {}, value))

const moment = (text) => {
  if (!text) return '–'
  const date = instantOf(text)
  return build('time', { datetime: text, title: momentOf(date) }, fromNow(date))
}
