import { byId } from './dom.js'
import { identifiers } from './fit.js'
import { showPassword, wireForm } from './forms.js'
import { isRequired } from './speech.js'

/** The two ways in: the forms to log in and to register. Both end in `enter`; where registration lets nobody in, in `made`. */
export const wireEntrance = ({ api, enter, made }) => {
  wireForm(byId('login-form'), {
    fields: { email: 'identifier', username: 'identifier' },
    submit: ({ identifier, password }) => {
      const [first, second] = identifiers()
      const name = second && !identifier.includes('@') ? second : first
      const body = { [name]: identifier, password }
      return api.send({ method: 'POST', path: '/auth/login', body })
    },
    done: enter,
  })
  wireForm(byId('register-form'), {
    fields: { email_taken: 'email', username_taken: 'username' },
    submit: (values) =>
      api.send({ method: 'POST', path: '/auth/register', body: withoutBlanks(values) }),
    done: (answer, values) => (answer.content?.access_token ? enter(answer) : made(answer, values)),
  })
  byId('register-example').addEventListener('click', makeSomeoneUp)
}

/** What is required is sent as it is: the server says what it misses. */
const withoutBlanks = (values) =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => value !== '' || isRequired('POST /auth/register', name),
    ),
  )

const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Fills the form in for whoever only wants to look; the password is shown, so that it can be kept. */
const makeSomeoneUp = () => {
  const random = [...crypto.getRandomValues(new Uint8Array(16))]
  const digits = String((random[0] << 8) | random[1]).padStart(5, '0')
  const code = random.map((byte) => letters[byte % letters.length]).join('')
  byId('register-email').value = `ada.${digits}@example.com`
  byId('register-username').value = `ada${digits}`
  byId('register-first-name').value = 'Ada'
  byId('register-last-name').value = 'Lovelace'
  // A capital, a digit and a sign too, for servers whose policy asks for them.
  byId('register-password').value = `${code.slice(0, 8)}-${code.slice(8)}!K7`
  showPassword(byId('register-password'))
  byId('register-submit').focus()
}
