import { byId } from './dom.js'
import { isNative } from './speech.js'
import { lengthOf } from './words.js'

const everySeconds = 20

/** Shows the server's health; asks gently, and not at all while nobody looks. */
export const watchHealth = (api) => {
  let startedAt
  let askedAt = 0

  const ask = async () => {
    askedAt = Date.now()
    const { ok, content } = await api.health(isNative ? '/health' : '/health/ready')
    const known = typeof content?.status === 'string' ? content : undefined
    const uptime = known?.uptime_seconds ?? (await uptimeOf(known))
    startedAt = uptime === undefined ? undefined : Date.now() - uptime * 1000
    show('health-status', known?.status ?? 'no answer', ok)
    show('health-store', wordOf(known?.database), ok)
    if (known?.version) byId('version').textContent = known.version
    tick()
  }

  // Readiness, which is alike in every dialect, does not tell; it is asked for once.
  const uptimeOf = async (known) => {
    if (known === undefined) return undefined
    if (startedAt !== undefined) return (Date.now() - startedAt) / 1000
    return (await api.health('/health/live')).content?.uptime_seconds
  }

  const tick = () => {
    const text = startedAt === undefined ? '–' : lengthOf((Date.now() - startedAt) / 1000)
    byId('health-uptime').textContent = text
  }

  const beat = () => {
    if (document.hidden) return
    tick()
    if (Date.now() - askedAt >= everySeconds * 1000) void ask()
  }

  document.addEventListener('visibilitychange', beat)
  setInterval(beat, 1000)
  void ask()
}

// The member may be a word, yes or no, or an object that says more.
const wordOf = (database) => {
  if (typeof database === 'string') return database
  if (typeof database === 'boolean') return database ? 'connected' : 'unavailable'
  return database?.status ?? '–'
}

// Written only when it changes, so that a screen reader is not told the same every time.
const show = (id, text, isGood) => {
  const element = byId(id)
  if (element.textContent !== text) element.textContent = text
  element.dataset.tone = isGood ? 'good' : 'bad'
}
