import { showAccount } from './account-card.js'
import { createApi } from './api.js'
import { byId } from './dom.js'
import { wireEntrance } from './entrance.js'
import { resetForm, wireShowButtons } from './forms.js'
import { watchHealth } from './health.js'
import { tell, went } from './notice.js'
import { createRequestList } from './requests.js'
import { createSession, onOtherTab } from './session.js'
import { showSessions } from './sessions-list.js'
import { wireSettings } from './settings.js'
import { wireTabs } from './tabs.js'
import { createTokenCard } from './token-card.js'

// The page works wherever it is mounted: what stands before /test-login stands before the API too.
const base = location.pathname.replace(/\/test-login\/?$/, '')

const requests = createRequestList()
const api = createApi({ base, onCall: requests.add })
const session = createSession({
  api,
  onChange: (current) => show(current),
  onOver: (problem) => tell(problem.detail, 'warn', problem),
})
const tokenCard = createTokenCard({ session, refresh: () => refresh() })
const [entranceTabs, settingsTabs] = [...document.querySelectorAll('[role="tablist"]')].map(
  wireTabs,
)
let shownUser

const show = (current) => {
  const user = current?.user
  byId('signed-out').hidden = current !== undefined
  byId('account').hidden = user === undefined
  byId('settings').hidden = user === undefined
  // A new token must not overwrite what is being typed: the forms follow the user only.
  if (user !== shownUser) {
    clearForms()
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
  const query = before ? `?after=${encodeURIComponent(before.next)}` : ''
  const answer = await session.call({ method: 'GET', path: `/auth/sessions${query}` })
  if (!went(answer)) return false
  const { sessions, next } = answer.answer
  listed = { sessions: [...(before?.sessions ?? []), ...sessions], next }
  showSessions(listed.sessions, next !== null, endSession)
  return true
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

const enter = async ({ answer }) => {
  if (!answer.access_token) {
    const secondFactor = 'This account asks for a second factor, which this page cannot give yet.'
    return tell(answer.detail ?? secondFactor, 'warn') // where enumeration is private there is only a sentence
  }
  session.adopt(answer)
  if (!answer.user && !went(await session.loadUser())) return
  tell('Signed in.')
  settingsTabs.select('tab-sessions')
  byId('account-name').focus()
  await loadSessions()
}

const leave = (text) => {
  session.forget()
  entranceTabs.select('tab-login')
  tell(text)
  byId('login-identifier').focus()
}

const logOut = (scope, text) => async () => {
  const body = scope === 'this' ? {} : { scope }
  const answer = await api.send({ method: 'POST', path: '/auth/logout', body, cookie: true })
  if (!went(answer, text)) return
  if (scope === 'others') await loadSessions()
  else leave(text)
}

const restore = async () => {
  const answer = await session.restore()
  if (!answer) return
  if (!answer.ok) return tell('Your earlier session is over.', 'warn', answer.problem)
  if (went(await session.loadUser())) await loadSessions()
}

const onPress = (id, action) => byId(id).addEventListener('click', action)

wireShowButtons()
wireEntrance({ api, enter })
wireSettings({ session, loadSessions, leave })
onPress('reload-me', async () => went(await session.loadUser(), 'Reloaded.'))
onPress('reload-sessions', () => loadSessions())
onPress('more-sessions', loadMore)
onPress('logout-this', logOut('this', 'You are signed out.'))
onPress('logout-others', logOut('others', 'Every other session has ended.'))
onPress('logout-all', logOut('all', 'You are signed out everywhere.'))
onPress('refresh-now', () => refresh('A new access token is here.'))
onOtherTab((isSignedIn) => (isSignedIn ? restore() : session.forget()))
watchHealth(api)
await restore()
if (!session.now()) show(undefined)
