import { build, byId, linkTo } from './dom.js'

/**
 * Makes a form send itself with `submit` and show the server's refusal where it belongs: beside its
 * field when the server names one, above the form otherwise. `alias` maps the server's field names to ours.
 */
export const wireForm = (form, { submit, done, alias = {} }) => {
  let isBusy = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    form.setAttribute('aria-busy', 'true')
    clearProblems(form)
    const answer = await submit(valuesOf(form))
    isBusy = false
    form.removeAttribute('aria-busy')
    if (answer.ok) done(answer)
    else showProblem(form, answer.problem, alias)
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

const showProblem = (form, problem, alias) => {
  const unplaced = []
  for (const error of problem.errors ?? []) {
    const input = form.elements.namedItem(alias[error.field] ?? error.field)
    if (input) showFieldError(input, error.detail)
    else unplaced.push(`${error.field}: ${error.detail}`)
  }
  showBanner(form.querySelector('.form-problem'), problem, unplaced)
  form.querySelector('[aria-invalid]')?.focus()
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
