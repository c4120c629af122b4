/** Reads answers and refusals, in whichever dialect they are. */

/** What an answer is about: an envelope is opened, what stands in none is taken as it is. */
export const contentOf = (answer) => {
  if (answer?.success === true && 'data' in answer) return answer.data
  return answer?.success === false ? answer.details : answer
}

/** A refusal as the page shows it: a sentence, and where they are known a code, its page, and faults of fields. */
export const refusalOf = (response, answer) => {
  const wait = Number(response.headers.get('retry-after'))
  const retry = wait > 0 ? ` Try again in ${wait} s.` : ''
  const refusal = read(answer) ?? {
    detail: `The server answered ${response.status} ${response.statusText}.`,
  }
  return { ...refusal, detail: `${refusal.detail}${retry}` }
}

const read = (answer) => {
  if (typeof answer !== 'object' || answer === null) return undefined
  const { code, detail, title, error_code: errorCode } = answer
  if (typeof code === 'string') return { ...answer, detail: detail ?? title }
  if (typeof errorCode === 'string') return readEnvelope(answer)
  if (Array.isArray(detail))
    return { detail: 'The server refused it.', errors: detail.map(faultOf) }
  return typeof detail === 'string' ? { detail } : undefined
}

/** The native API in envelopes says in the details what a problem would say. */
const readEnvelope = ({ message, error_code: errorCode, details }) => {
  const isNative = typeof details?.type === 'string'
  return {
    detail: details?.detail ?? message,
    code: isNative ? errorCode.toLowerCase() : errorCode,
    ...(isNative && { type: details.type, errors: details.errors }),
  }
}

/** An entry of Pydantic's: where it is begins with `body`. */
const faultOf = ({ loc, msg }) => ({
  field: loc.length > 1 ? loc.slice(1).join('.') : 'body',
  detail: msg.replace(/^Value error, /, ''),
})

/** Who signed in, where nothing else tells: from the answer and the claims of the token. */
export const personOf = (content, claims) => ({
  id: content.user_id ?? content.id ?? claims.sub,
  ...pick(content, ['email', 'username', 'first_name', 'last_name']),
  ...(claims.role && { roles: [claims.role] }),
})

const pick = (from, names) =>
  Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]))
