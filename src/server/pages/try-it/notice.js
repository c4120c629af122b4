import { build, byId } from './dom.js'
import { codeOf } from './forms.js'

/** Says one sentence above the cards; screen readers are told too. */
export const tell = (text, tone = 'good', problem = {}) => {
  const notice = byId('notice')
  notice.dataset.tone = tone
  notice.replaceChildren(build('p', {}, text, ' ', ...codeOf(problem)))
  notice.hidden = false
}

/** Says how a call went, and answers whether it went well. */
export const went = (answer, text) => {
  if (answer.ok && text) tell(text)
  if (!answer.ok) tell(answer.problem.detail, 'bad', answer.problem)
  return answer.ok
}
