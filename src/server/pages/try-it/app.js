import { showAccount } from './account-card.js'
import { wireAnyToken } from './any-token.js'
import { createApi } from './api.js'
import { byId } from './dom.js'
import { wireEntrance } from './entrance.js'
import { fitPage } from './fit.js'
import { resetForm, wireShowButtons } from './forms.js'
import { watchHealth } from './health.js'
import { createHomecoming } from './homecoming.js'
import { createLogins } from './logins.js'
import { tell, went } from './notice.js'
import { wireProviderToken } from './provider-token.js'
import { createProviders } from './providers.js'
import { createRequestList } from './requests.js'
import { createSession, onOtherTab } from './session.js'
import { showSessions } from './sessions-list.js'
import { wireSettings } from './settings.js'
import { has } from './speech.js'
import { wireTabs } from './tabs.js'
import { createTokenCard } from './token-card.js'

// The page works wherever it is mounted: what stands before /test-login stands before the API too.
const base = location.pathname.replace(/\/test-login\/?$/, '')

fitPage()
const requests = createRequestList()
const api = createApi({ base, onCall: requests.add })
const session = createSession({
  api,
  onChange: (current) => show(current),
  onOver: (problem) => tell(problem.detail, 'warn', problem),
})
const tokenCard = createTokenCard({
  session,
  refresh: () => refresh(),
  forget: () => forget(),
})
const [entranceTabs, settingsTabs] = [...document.querySelectorAll('[role="tablist"]')].map(
  wireTabs,
)
const providers = createProviders({ api, base })
const logins = createLogins({ session, providers, reloadSessions: () => loadSessions() })
const homecoming = createHomecoming({
  ...{ api, base, session, providers },
  settled: (tab) => settleIn(tab),
})
let shownUser

const show = (current) => {
  const user = current?.user
  byId('signed-out').hidden = current !== undefined
  byId('account').hidden = user === undefined
  byId('settings').hidden = user === undefined
  // A new token must not overwrite what is being typed: the forms follow the user only.
  if (user !== shownUser) {
    clearForms()
    byId('account-exists').hidden = true
    if (user) showAccount(user)
  }
  shownUser = user
  tokenCard.show(current)
}

const clearForms = () => {
  for (const form of document.forms) resetForm(form)
}

const refresh = async (text) => {
  const answer = await session.refresh()
  if (answer.status !== 401) went(answer, text)
}

let listed = { sessions: [], next: null }

/** The first page; or with `before`, what was listed and the page behind it. */
const loadSessions = async (before) => {
  if (!has('GET /auth/sessions')) return true
  const query = before ? `?after=${encodeURIComponent(before.next)}` : ''
  const answer = await session.call({ method: 'GET', path: `/auth/sessions${query}` })
  if (!went(answer)) return false
  const { sessions, next } = answer.content
  listed = { sessions: [...(before?.sessions ?? []), ...sessions], next }
  showSessions(listed.sessions, next !== null, endSession)
  return true
}

/** Everything that belongs to whoever is signed in. */
const settleIn = async (tab) => {
  if (tab) settingsTabs.select(tab)
  await Promise.all([loadSessions(), logins.load()])
}

const loadMore = async () => {
  if (!(await loadSessions(listed))) return
  tell(`${listed.sessions.length} sessions are listed.`)
  if (listed.next === null) byId('reload-sessions').focus()
}

const endSession = async ({ id, current }) => {
  const path = `/auth/sessions/${encodeURIComponent(id)}`
  const answer = await session.call({ method: 'DELETE', path })
  if (!went(answer, 'The session has ended.')) return
  if (current) return leave('This session has ended. You are signed out.')
  await loadSessions()
  byId('reload-sessions').focus()
}

const enter = async ({ content }) => {
  if (!content.access_token) {
    const secondFactor = 'This account asks for a second factor, which this page cannot give yet.'
    return tell(content.detail ?? secondFactor, 'warn') // where enumeration is private there is only a sentence
  }
  session.adopt(content)
  if (!session.now().user && !went(await session.loadUser())) return
  tell('Signed in.')
  byId('account-name').focus()
  await settleIn('tab-sessions')
}

/** An account was made, and whoever made it logs in next. */
const made = ({ content }, { email, username, password }) => {
  entranceTabs.select('tab-login')
  byId('login-identifier').value = email ?? username
  byId('login-password').value = password
  if (content?.detail) tell(content.detail, 'warn')
  else tell('The account is made. Log in with it.')
  byId('login-submit').focus()
}

const toEntrance = (text) => {
  entranceTabs.select('tab-login')
  tell(text)
  byId('login-identifier').focus()
}

const leave = (text) => {
  session.forget()
  toEntrance(text)
}

const forget = () => {
  const isKept = session.now()?.refreshToken === undefined && has('POST /auth/refresh')
  session.drop()
  toEntrance(
    isKept
      ? 'The token is forgotten here. The session goes on: reload the page to pick it up again.'
      : 'What this page held is forgotten. The server was told nothing.',
  )
}

const logOut = (scope, text) => async () => {
  const answer = await session.signOut(scope)
  if (!went(answer, text)) return
  if (scope === 'others') await loadSessions()
  else leave(text)
}

const restore = async () => {
  const answer = await session.restore()
  if (!answer) return
  if (!answer.ok) return tell('Your earlier session is over.', 'warn', answer.problem)
  if (has('GET /auth/me') && !went(await session.loadUser())) return
  await settleIn()
}

const askAbout = async () => {
  const answer = await api.send({ method: 'GET', path: '/' })
  went(answer, 'What the server says of itself stands first among the requests.')
}

const onPress = (id, action) => byId(id).addEventListener('click', action)

wireShowButtons()
wireEntrance({ api, enter, made })
wireAnyToken({ api })
wireProviderToken({ api, enter })
wireSettings({ session, loadSessions, leave })
onPress('reload-me', async () => went(await session.loadUser(), 'Reloaded.'))
onPress('reload-sessions', () => loadSessions())
onPress('more-sessions', loadMore)
onPress('logout-this', logOut('this', 'You are signed out.'))
onPress('logout-others', logOut('others', 'Every other session has ended.'))
onPress('logout-all', logOut('all', 'You are signed out everywhere.'))
onPress('ask-about', askAbout)
onPress('refresh-now', () => refresh('A new access token is here.'))
onOtherTab((isSignedIn) => (isSignedIn ? restore() : session.forget()))
watchHealth(api)
await providers.load()
if (!(await homecoming.arrive())) await restore()
if (!session.now()) show(undefined)
