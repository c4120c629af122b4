import { build, byId } from './dom.js'
import { dialectName, fieldsOf, has, isNative, isRequired } from './speech.js'

/**
 * Fits the page to the dialect. `data-needs` names the operations of which one has to be there, `data-lacks` one that
 * must not; a form with `data-operation` shows the fields that are sent.
 */
export const fitPage = () => {
  for (const element of document.querySelectorAll('[data-needs]')) {
    if (!element.dataset.needs.split('|').some(has)) takeAway(element)
  }
  for (const element of document.querySelectorAll('[data-lacks]')) {
    if (has(element.dataset.lacks)) takeAway(element)
  }
  for (const form of document.querySelectorAll('form[data-operation]')) fitForm(form)
  fitIdentifier()
  if (isNative) return
  byId('dialect').append('Spoken here: the dialect ', build('code', {}, dialectName), '.')
  byId('register-password-hint').textContent = 'The server judges it, by the rules of its dialect.'
}

// Not `hidden`, which other parts of the page set and unset.
const takeAway = (element) => {
  element.dataset.absent = ''
}

const fitForm = (form) => {
  const { operation } = form.dataset
  for (const input of form.querySelectorAll('input[name]')) {
    const field = input.closest('.field')
    if (!fieldsOf(operation).includes(input.name)) {
      input.disabled = true // and so is not sent
      takeAway(field)
    } else if (isRequired(operation, input.name)) {
      input.setAttribute('aria-required', 'true')
      field.querySelector('.optional')?.remove()
    }
  }
}

const fitIdentifier = () => {
  const [label] = byId('login-identifier').labels
  const names = identifiers().map((name) => (name === 'email' ? 'E-mail' : 'username'))
  const text = names.join(' or ')
  label.textContent = text.charAt(0).toUpperCase() + text.slice(1)
}

/** By what one can log in. */
export const identifiers = () =>
  ['email', 'username'].filter((name) => fieldsOf('POST /auth/login').includes(name))
