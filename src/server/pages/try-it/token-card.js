import { build, byId, copyFrom } from './dom.js'
import { has } from './speech.js'
import { decodeToken, isInstant, meanings } from './token.js'
import { clockTime, minutesAndSeconds } from './words.js'

const refreshLeadSeconds = 30
const retrySeconds = 10
const canRefresh = has('POST /auth/refresh')
const preference = 'latchkey.auto-refresh'

/** The access token laid open, with a clock that runs until it expires and refreshes it in time. */
export const createTokenCard = ({ session, refresh, forget }) => {
  const autoRefresh = byId('auto-refresh')
  let shown
  let triedAt = 0

  const show = (current) => {
    byId('token-empty').hidden = current !== undefined
    byId('token-body').hidden = current === undefined
    if (current?.token !== shown) showToken(current)
    shown = current?.token
    tick()
  }

  const tick = () => {
    const current = session.now()
    if (!current) return showState('none')
    const left = (current.expiresAt - Date.now()) / 1000
    showClock(left, current)
    if (autoRefresh.checked && canRefresh && isDue(left, current.lifetimeSeconds)) refreshInTime()
  }

  // A short-lived token is refreshed at half its life; a refusal is not repeated every second.
  const isDue = (left, lifetime) =>
    left <= Math.min(refreshLeadSeconds, lifetime / 2) && Date.now() - triedAt > retrySeconds * 1000

  const refreshInTime = () => {
    triedAt = Date.now()
    refresh()
  }

  autoRefresh.checked = remembered()
  autoRefresh.addEventListener('change', () => {
    remember(autoRefresh.checked)
    triedAt = 0
    tick()
  })
  byId('forget-token').addEventListener('click', forget)
  copyFrom(byId('copy-refresh'), () => session.now()?.refreshToken ?? '')
  copyFrom(byId('copy-token'), () => session.now()?.token ?? '')
  setInterval(tick, 500)
  return { show }
}

const showToken = (current) => {
  if (!current) {
    for (const id of ['raw-token', 'raw-refresh', 'token-header', 'token-claims'])
      byId(id).replaceChildren()
    return
  }
  const { header, claims } = decodeToken(current.token)
  byId('token-header').replaceChildren(...Object.entries(header).map(claimOf))
  byId('token-claims').replaceChildren(...Object.entries(claims).map(claimOf))
  byId('refresh-box').hidden = current.refreshToken === undefined
  byId('raw-refresh').replaceChildren(...rawOf(current.refreshToken ?? ''))
  byId('token-keeping').textContent = keepingOf(current)
  byId('raw-token').replaceChildren(...rawOf(current.token))
  byId('clock-end').textContent = `expires at ${clockTime(new Date(current.expiresAt))}`
}

const keepingOf = ({ refreshToken }) => {
  if (!canRefresh)
    return 'Held in this page’s memory only. It cannot be refreshed: log in again when it expires.'
  if (refreshToken) return 'Both tokens are held in this page’s memory only; a reload forgets them.'
  return 'Held in this page’s memory only. The refresh token is an HttpOnly cookie: the browser sends it, no script can read it.'
}

export const claimOf = ([name, value]) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const clock = isInstant(name) ? ` · ${clockTime(new Date(value * 1000))}` : ''
  return build(
    'div',
    { 'data-claim': name },
    build('dt', {}, build('code', {}, name)),
    build('dd', {}, build('code', {}, text), clock),
    build('dd', { class: 'meaning' }, meanings[name] ?? ''),
  )
}

const rawOf = (token) =>
  token
    .split('.')
    .flatMap((part, at) => [
      at > 0 ? '.' : '',
      build('span', { class: `raw-${at}` }, part.length > 24 ? `${part.slice(0, 20)}…` : part),
    ])

const showClock = (left, { lifetimeSeconds }) => {
  const share = Math.min(1, Math.max(0, left / lifetimeSeconds))
  const tone = toneOf(share)
  byId('clock').dataset.tone = tone
  byId('clock-time').textContent = minutesAndSeconds(left)
  byId('clock-bar').style.transform = `scaleX(${share})`
  showState(left > 0 ? 'valid' : 'expired', tone)
}

const toneOf = (share) => {
  if (share > 0.3) return 'good'
  return share > 0.1 ? 'warn' : 'bad'
}

const announcements = {
  warn: 'The access token expires soon.',
  bad: 'The access token expires very soon.',
}

// Announced at the turns only; a clock that speaks every second helps nobody.
const showState = (word, tone = '') => {
  const state = byId('token-state')
  const said = word === 'expired' ? 'The access token has expired.' : (announcements[tone] ?? '')
  if (byId('clock-announcement').textContent !== said) byId('clock-announcement').textContent = said
  if (state.textContent !== word) state.textContent = word
  state.dataset.tone = tone
}

const remembered = () => {
  try {
    return localStorage.getItem(preference) !== 'off'
  } catch {
    return true
  }
}

const remember = (isOn) => {
  try {
    localStorage.setItem(preference, isOn ? 'on' : 'off')
  } catch {
    // Storage is forbidden: the switch then lasts as long as the page.
  }
}
