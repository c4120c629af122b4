import { byId } from './dom.js'
import { tell } from './notice.js'

/** Where a dialect trades the access token of a provider and nothing else: a box to paste it into, a button for each. */
export const wireProviderToken = ({ api, enter }) => {
  const send = async (name) => {
    const token = byId('provider-token').value.trim()
    if (token === '') {
      tell('Paste an access token of the provider first.', 'warn')
      byId('provider-token').focus()
      return
    }
    const answer = await api.send({ method: 'POST', path: `/auth/oauth/${name}`, token })
    if (!answer.ok) return tell(answer.problem.detail, 'bad', answer.problem)
    byId('provider-token').value = ''
    await enter(answer)
  }
  for (const button of document.querySelectorAll('[data-token-of]'))
    button.addEventListener('click', () => send(button.dataset.tokenOf))
}
