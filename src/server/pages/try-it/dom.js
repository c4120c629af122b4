/** Small hands for the document. Text only ever goes in as text, never as markup. */

export const byId = (id) => document.getElementById(id)

/** Makes an element; `attributes` are set as attributes, children are elements or plain text. */
export const build = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** A link to a page the server named, or its plain text when the address is not a web address. */
export const linkTo = (address, text) => {
  const url = parseUrl(address)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return build('span', {}, text)
  return build('a', { href: url.href, target: '_blank', rel: 'noopener' }, text)
}

/** Copies text and says so on the button that was pressed. */
export const copyFrom = (button, textOf) => {
  const label = button.textContent
  button.addEventListener('click', async () => {
    const done = await navigator.clipboard?.writeText(textOf()).then(
      () => true,
      () => false,
    )
    button.textContent = done ? 'Copied' : 'Not allowed'
    setTimeout(() => {
      button.textContent = label
    }, 1500)
  })
}

const parseUrl = (address) => {
  try {
    return new URL(address, location.href)
  } catch {
    return undefined
  }
}
