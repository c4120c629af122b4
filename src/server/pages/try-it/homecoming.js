import { byId } from './dom.js'
import { arrival, bringsCode } from './journey.js'
import { tell, went } from './notice.js'
import { sentenceOf } from './providers.js'

/** Back from a provider: whoever came in is shown, and what went wrong is said. Answers whether there is more to do. */
export const createHomecoming = ({ api, base, session, providers, settled }) => {
  const back = arrival()

  /** @returns whether the tab came back from somewhere, so that nothing else has to be picked up */
  const arrive = async () => {
    if (back.error !== undefined) return refused(back)
    if (back.linked !== undefined && back.links) return linked(back)
    if (back.code !== undefined && back.verifier !== undefined) return exchange(back)
    if (back.wasAway && !back.links && !bringsCode()) return pickUp(back)
    return false
  }

  const pickUp = async ({ provider }) => {
    const answer = await session.refresh({ quietly: true })
    if (!answer.ok) return false
    return greet(provider)
  }

  const exchange = async ({ code, verifier, provider }) => {
    const body = { code, code_verifier: verifier }
    const answer = await api.send({ method: 'POST', path: '/auth/oauth/exchange', body })
    if (!went(answer)) return true
    session.adopt(answer.content)
    return greet(provider)
  }

  const greet = async (provider) => {
    if (!session.now().user && !went(await session.loadUser())) return true
    tell(`Signed in with ${providers.titleOf(provider)}.`)
    byId('account-name').focus()
    await settled('tab-sessions')
    return true
  }

  const linked = async ({ provider }) => {
    const title = providers.titleOf(provider)
    const answer = await session.restore()
    if (!answer?.ok) {
      tell(`${title} is linked. This page forgot its tokens on the way: sign in again to see it.`)
      return true
    }
    if (!session.now().user && !went(await session.loadUser())) return true
    tell(`${title} is linked to this account.`)
    await settled('tab-logins')
    return true
  }

  const refused = async ({ error, provider, claim, links }) => {
    const title = provider && providers.titleOf(provider)
    const sentence = sentenceOf(error, title)
    // a page elsewhere may send people here with any text; only what we know is said
    const problem = sentence
      ? { code: error, type: `${location.origin}${base}/errors/${error}` }
      : {}
    if (session.now() === undefined && (await session.restore())?.ok) {
      if (!session.now().user) await session.loadUser()
      await settled(links ? 'tab-logins' : 'tab-sessions')
    }
    tell(sentence ?? 'The sign-in did not work. Please try again.', 'warn', problem)
    if (error === 'account_exists' && provider && !session.now())
      offerChoice(provider, title, claim)
    return true
  }

  const offerChoice = (provider, title, claimed) => {
    byId('exists-link').textContent =
      `Log in above as you did before, then link ${title} under “Logins”.`
    byId('exists-claim').hidden = claimed === true
    byId('exists-claim-text').textContent =
      `You never made that account? If nobody ever confirmed its address, ${title} can vouch that it is yours: its password, its sessions and its linked logins end.`
    byId('account-exists').hidden = false
    byId('claim-account').onclick = () => providers.start(provider, { claim: true })
    byId('account-exists-title').focus()
  }

  return { arrive }
}
