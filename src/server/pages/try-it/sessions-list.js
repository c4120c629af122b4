import { build, byId } from './dom.js'
import { deviceOf, fromNow, momentOf } from './words.js'

/** The user's own sessions as far as they were asked for, this one first, each with a button that ends it. */
export const showSessions = (sessions, hasMore, onEnd) => {
  const ordered = [...sessions].sort(
    (one, other) =>
      Number(other.current) - Number(one.current) ||
      other.last_used_at.localeCompare(one.last_used_at),
  )
  byId('tab-sessions').textContent = `Sessions ${sessions.length}${hasMore ? '+' : ''}`
  byId('more-sessions').hidden = !hasMore
  byId('sessions').replaceChildren(...ordered.map((session) => entryOf(session, onEnd)))
}

const entryOf = (session, onEnd) => {
  const device = deviceOf(session.user_agent)
  const end = build(
    'button',
    {
      type: 'button',
      class: 'button button-small',
      'aria-label': `End ${session.current ? 'this session' : `the session of ${device}, used ${ago(session)}`}`,
    },
    'End',
  )
  end.addEventListener('click', () => onEnd(session))
  return build(
    'li',
    { 'data-testid': 'session', 'data-current': String(session.current) },
    build(
      'div',
      { class: 'session-what' },
      build(
        'p',
        { class: 'session-device', title: session.user_agent ?? undefined },
        device,
        ...(session.current
          ? [' ', build('span', { class: 'pill', 'data-tone': 'good' }, 'this one')]
          : []),
      ),
      build('p', { class: 'session-when' }, `${placeOf(session)}used ${ago(session)}`),
      build(
        'p',
        { class: 'session-when', title: momentOf(new Date(session.created_at)) },
        `started ${fromNow(new Date(session.created_at))}, ends ${fromNow(new Date(session.expires_at))}`,
      ),
    ),
    end,
  )
}

const ago = (session) => fromNow(new Date(session.last_used_at))

const placeOf = ({ ip, method }) =>
  [ip, method]
    .filter(Boolean)
    .map((word) => `${word} · `)
    .join('')
