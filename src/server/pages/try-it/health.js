import { byId } from './dom.js'
import { lengthOf } from './words.js'

const everySeconds = 20

/** Shows the server's health; asks gently, and not at all while nobody looks. */
export const watchHealth = (api) => {
  let startedAt
  let askedAt = 0

  const ask = async () => {
    askedAt = Date.now()
    const { ok, answer } = await api.health()
    const known =
      typeof answer === 'object' && typeof answer.status === 'string' ? answer : undefined
    startedAt = known ? Date.now() - known.uptime_seconds * 1000 : undefined
    show('health-status', known?.status ?? 'no answer', ok)
    show('health-store', wordOf(known?.database), ok)
    if (known?.version) byId('version').textContent = known.version
    tick()
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

// The member may be a word, or an object that says more.
const wordOf = (database) => {
  if (typeof database === 'string') return database
  return database?.status ?? '–'
}

// Written only when it changes, so that a screen reader is not told the same every time.
const show = (id, text, isGood) => {
  const element = byId(id)
  if (element.textContent !== text) element.textContent = text
  element.dataset.tone = isGood ? 'good' : 'bad'
}
