import { build, byId } from './dom.js'
import { leaveFor } from './journey.js'
import { tell } from './notice.js'
import { has, sentences } from './speech.js'

/** The login providers that are set up: a button for each, to come in by and to link. */
export const createProviders = ({ api, base }) => {
  let listed = []

  const load = async () => {
    if (!has('GET /auth/oauth')) return
    const answer = await api.send({ method: 'GET', path: '/auth/oauth' })
    listed = answer.ok ? answer.content.providers : []
    byId('provider-buttons').replaceChildren(...listed.map(entranceOf))
    byId('providers-none').hidden = listed.length > 0
  }

  const entranceOf = (provider) => {
    const button = build(
      'button',
      { type: 'button', class: 'button provider', 'data-provider': provider.name },
      build('span', { class: 'provider-mark', 'aria-hidden': 'true' }, provider.title.slice(0, 1)),
      `Sign in with ${provider.title}`,
    )
    button.addEventListener('click', () => start(provider.name))
    return button
  }

  /** The browser goes to the provider; `claim` takes over an account whose address was never confirmed. */
  const start = async (name, { claim = false } = {}) => {
    try {
      await leaveFor({ base, provider: name, claim })
    } catch {
      tell('This needs a page that the browser trusts: https, or localhost.', 'bad')
    }
  }

  const titleOf = (name) => listed.find((provider) => provider.name === name)?.title ?? name

  return { load, start, titleOf, list: () => listed }
}

/** What a code that came back means. Codes that are not ours are not repeated. */
export const sentenceOf = (code, title = 'the provider') => {
  const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined
  return sentence?.replaceAll('{provider}', title)
}
