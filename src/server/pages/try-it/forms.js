import { build, byId, linkTo } from './dom.js'

/**
 * Makes a form send itself with `submit` and show the server's refusal where it belongs: beside its
 * field when the server names one, above the form otherwise. `fields` says where a field or a code of the
 * server belongs when that is not an input of the same name.
 */
export const wireForm = (form, { submit, done, fields = {} }) => {
  let isBusy = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    form.setAttribute('aria-busy', 'true')
    clearProblems(form)
    const values = valuesOf(form)
    const answer = await submit(values)
    isBusy = false
    form.removeAttribute('aria-busy')
    if (answer.ok) done(answer, values)
    else showProblem(form, answer.problem, fields)
  })
}

/** Empties a form, its refusals and whatever passwords were made visible. */
export const resetForm = (form) => {
  form.reset()
  clearProblems(form)
  for (const button of form.querySelectorAll('[data-show]')) setShown(button, false)
}

/** Sets the buttons that show and hide passwords to work. */
export const wireShowButtons = () => {
  for (const button of document.querySelectorAll('[data-show]')) {
    setShown(button, false)
    button.addEventListener('click', () => setShown(button, !isShown(button)))
  }
}

export const showPassword = (input) =>
  setShown(document.querySelector(`[data-show="${input.id}"]`), true)

const isShown = (button) => byId(button.dataset.show).type === 'text'

const setShown = (button, shown) => {
  const input = byId(button.dataset.show)
  input.type = shown ? 'text' : 'password'
  button.textContent = shown ? 'Hide' : 'Show'
  button.setAttribute('aria-label', `${shown ? 'Hide' : 'Show'} ${labelOf(input).toLowerCase()}`)
}

const labelOf = (input) => input.labels[0].textContent.trim()

const valuesOf = (form) => Object.fromEntries(new FormData(form))

const clearProblems = (form) => {
  form.querySelector('.form-problem').hidden = true
  for (const text of form.querySelectorAll('.field-error')) {
    text.hidden = true
    text.textContent = ''
  }
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
}

const showProblem = (form, problem, fields) => {
  const unplaced = []
  const errors = problem.errors ?? []
  for (const error of errors) {
    const input = form.elements.namedItem(fields[error.field] ?? error.field)
    if (input) showFieldError(input, error.detail)
    else unplaced.push(`${error.field}: ${error.detail}`)
  }
  const blamed = errors.length === 0 && form.elements.namedItem(fields[problem.code] ?? '')
  if (blamed) showFieldError(blamed, problem.detail)
  const marked = form.querySelector('[aria-invalid]')
  const detail = marked ? 'Please look at what is marked.' : problem.detail
  showBanner(form.querySelector('.form-problem'), { ...problem, detail }, unplaced)
  marked?.focus()
}

const showFieldError = (input, detail) => {
  const text = byId(`${input.id}-error`)
  // Two refusals of one field stand together.
  text.textContent = text.textContent ? `${text.textContent} ${detail}` : detail
  text.hidden = false
  input.setAttribute('aria-invalid', 'true')
}

const showBanner = (banner, problem, lines) => {
  banner.replaceChildren(
    build('p', {}, problem.detail, ' ', ...codeOf(problem)),
    ...lines.map((line) => build('p', {}, line)),
  )
  banner.hidden = false
}

/** The problem's code, leading to the page that explains it. */
export const codeOf = (problem) => {
  if (!problem.code) return []
  if (!problem.type || problem.type === 'about:blank') return [build('code', {}, problem.code)]
  const link = linkTo(problem.type, problem.code)
  link.className = 'code-link'
  link.setAttribute('aria-label', `${problem.code}: what it means (new tab)`)
  return [link]
}
