import { byId } from './dom.js'
import { tell, went } from './notice.js'
import { decodeToken } from './token.js'
import { claimOf } from './token-card.js'

/** Any access token, typed or pasted: what it says, and whom the server takes its bearer for. */
export const wireAnyToken = ({ api }) => {
  const typed = () => byId('any-token').value.trim()

  const show = () => {
    const { header, claims } = decodeToken(typed())
    const members = { ...header, ...claims }
    const isEmpty = Object.keys(members).length === 0
    byId('any-claims').replaceChildren(...Object.entries(members).map(claimOf))
    byId('any-claims').hidden = isEmpty
    if (isEmpty) tell('That is no JSON Web Token: there is nothing in it to read.', 'warn')
    return !isEmpty
  }

  byId('any-token-read').addEventListener('click', () => {
    if (show()) tell('The token is laid open. Nothing was verified: that is the server’s work.')
  })
  byId('any-token-me').addEventListener('click', async () => {
    const answer = await api.send({ method: 'GET', path: '/auth/me', token: typed() })
    if (went(answer)) tell(`The server takes its bearer for ${nameOf(answer.content)}.`)
  })
}

const nameOf = ({ email, username, id }) => email ?? username ?? id
