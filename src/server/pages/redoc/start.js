// ReDoc asks a CDN for the logo of its maker. Nothing on this page may leave this server, so an image
// from elsewhere is never asked for.
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src')
const isForeign = (address) => new URL(address, location.href).origin !== location.origin

HTMLImageElement.prototype.setAttribute = function (name, value) {
  if (name !== 'src' || !isForeign(value)) Element.prototype.setAttribute.call(this, name, value)
}
Object.defineProperty(HTMLImageElement.prototype, 'src', {
  ...source,
  set(address) {
    if (!isForeign(address)) source.set.call(this, address)
  },
})

const dark = matchMedia('(prefers-color-scheme: dark)')
dark.addEventListener('change', () => location.reload())

// ReDoc computes shades of its own, so it is given values, not names of variables.
const styles = getComputedStyle(document.documentElement)
const colour = (name) => styles.getPropertyValue(`--${name}`).trim()
const fontFamily = colour('sans')
const monospace = colour('mono')

const theme = {
  colors: {
    tonalOffset: dark.matches ? -0.2 : 0.2,
    primary: { main: colour('accent') },
    success: { main: colour('good') },
    warning: { main: colour('warn') },
    error: { main: colour('bad') },
    text: { primary: colour('ink'), secondary: colour('muted') },
    gray: { 50: colour('sunken'), 100: colour('line') },
    border: { dark: colour('line'), light: colour('line') },
    responses: {
      success: { color: colour('good'), backgroundColor: colour('good-soft') },
      error: { color: colour('bad'), backgroundColor: colour('bad-soft') },
      redirect: { color: colour('warn'), backgroundColor: colour('warn-soft') },
      info: { color: colour('accent'), backgroundColor: colour('accent-soft') },
    },
  },
  schema: {
    nestedBackground: colour('sunken'),
    linesColor: colour('edge'),
    typeNameColor: colour('muted'),
    typeTitleColor: colour('muted'),
    requireLabelColor: colour('bad'),
  },
  typography: {
    fontSize: '15px',
    fontFamily,
    headings: { fontFamily, fontWeight: '650' },
    code: {
      fontSize: '13px',
      fontFamily: monospace,
      color: colour('accent'),
      backgroundColor: colour('sunken'),
      wrap: true,
    },
    links: { color: colour('accent'), visited: colour('accent'), hover: colour('accent-strong') },
  },
  sidebar: {
    backgroundColor: colour('card'),
    textColor: colour('ink'),
    activeTextColor: colour('accent'),
    groupItems: { activeBackgroundColor: colour('sunken') },
    level1Items: { activeBackgroundColor: colour('sunken') },
  },
  rightPanel: {
    backgroundColor: '#1b1e1d',
    textColor: '#ecebe5',
    servers: {
      overlay: { backgroundColor: colour('card'), textColor: colour('ink') },
      url: { backgroundColor: colour('sunken') },
    },
  },
  codeBlock: { backgroundColor: '#131514' },
}

// The document next to this page: /redoc reads /openapi.json, /v1/redoc reads /v1/openapi.json.
const here = location.pathname.replace(/\/redoc\/?$/, '')

Redoc.init(
  `${here}/openapi.json`,
  { theme, nativeScrollbars: true, expandResponses: '200,201' },
  document.getElementById('content'),
)
