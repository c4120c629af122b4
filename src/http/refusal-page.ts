import { hash } from 'node:crypto'
import { type AuthError, catalogue, type FieldError } from '../errors.js'
import { header, type PlainAnswer, type PlainRequest } from './plain.js'
import { helpFor } from './problem.js'
import type { Route } from './route.js'

/**
 * A refusal as a small page, for people who came with their browser. It stands alone: hosts may have no other pages of ours.
 * What came with the request is not on it, neither as text nor as a link.
 */
type About = {
  baseUrl: string
  requestId: string
  /** Where the same can be tried once more. */
  tryAgain: string | undefined
}

/** Whether this request is told its refusal as a page: on a route for people, by a browser that shows pages. */
export const wantsPage = (request: Pick<PlainRequest, 'headers'>, route: Route | undefined) =>
  route?.isVisited === true && acceptsHtml(header(request, 'accept') ?? '')

/** Programs that take anything are not meant; who sends pages away says so with a zero (RFC 9110 §12.5.1). */
const acceptsHtml = (accept: string): boolean =>
  /(?:^|,)[ \t]*text\/html[ \t]*(?:;(?![^,]*\bq=0(?:\.0*)?[ \t]*(?:,|$))[^,]*)?(?:,|$)/i.test(
    accept.slice(0, mostAccepted),
  )
const mostAccepted = 1024

/** Where a visit to this route begins: nothing of the query is in it. Where apps start it themselves, it is theirs to say. */
export const beginningOf = (
  { path, startsInApps }: Route,
  params: Readonly<Record<string, string>>,
  baseUrl: string,
): string | undefined => {
  if (startsInApps) return undefined
  const [beginning = path] = /^.*?\{\w+\}/.exec(path) ?? []
  return baseUrl + beginning.replace(/\{(\w+)\}/, (_, name: string) => params[name] ?? '')
}

export const refusalPage = (error: AuthError, about: About): PlainAnswer => ({
  status: error.status,
  headers: [...pageHeaders],
  body: pageOf(error, about),
})

const pageOf = (error: AuthError, { baseUrl, requestId, tryAgain }: About): string => {
  const { title, help } = catalogue[error.code]
  const faults = error.fields
    .filter(isOurs)
    .map(({ field, detail }) => `<li><code>${e(field)}</code>: ${e(detail)}</li>`)
  const again =
    tryAgain && canTryAgain(error) ? `<a class="button" href="${e(tryAgain)}">Try again</a>` : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${e(title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(mark)}">
<style>${style}</style>
</head>
<body>
<main>
<p class="mark">${mark}</p>
<h1>${e(title)}</h1>
<p class="lead">${e(error.message)}</p>
${faults.length > 0 ? `<ul>${faults.join('')}</ul>` : ''}
<h2>What to do</h2>
<p>${e(help)}</p>
<p class="ways">${again}<a href="${e(helpFor(error, baseUrl))}">What this means</a></p>
<p class="small"><code>${error.status}</code> <code>${error.code}</code> · request <code>${e(requestId)}</code></p>
</main>
</body>
</html>
`
}

/** Parameters that are not known, or came twice, have names that a stranger may have chosen. */
const isOurs = ({ code }: FieldError): boolean => !['unknown_field', 'repeated'].includes(code)

/** Where there is no such provider, trying again helps nobody. */
const canTryAgain = ({ code }: AuthError): boolean => code !== 'unsupported_provider'

const e = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const mark =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0b6454"/><g fill="none" stroke="#f4d58d" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"><circle cx="11.4" cy="16" r="4.9"/><path d="M16.3 16h9.2v4.6M21 16v3.4"/></g></svg>'

/** The colours and the type of the other pages. */
const style = `
:root{color-scheme:light dark;--paper:#f6f5f1;--card:#fff;--sunken:#f1efe9;--line:#dfdcd3;--ink:#1c1f1d;--muted:#5a605c;--accent:#0b6454;--accent-strong:#084f42;--accent-ink:#fff}
@media (prefers-color-scheme:dark){:root{--paper:#131514;--card:#1b1e1d;--sunken:#141716;--line:#2e3331;--ink:#ecebe5;--muted:#a4aaa5;--accent:#6fd0b9;--accent-strong:#93e0cd;--accent-ink:#06251f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
main{width:100%;max-width:34rem;padding:clamp(1.25rem,4vw,2rem);border:1px solid var(--line);border-radius:12px;background:var(--card)}
h1{margin:0 0 .5rem;font-size:clamp(1.375rem,4vw,1.75rem);line-height:1.2;letter-spacing:-.02em}
h2{margin:1.5rem 0 .25rem;font-size:1rem}
p{margin:0 0 1rem}
ul{margin:0 0 1rem;padding-left:1.25rem}
.mark{line-height:0}
.lead{color:var(--muted);font-size:1.0625rem}
.ways{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.25rem;margin-top:1.5rem}
.small{margin:0;color:var(--muted);font-size:.8125rem}
code{padding:.125rem .375rem;border-radius:5px;background:var(--sunken);font:.875em ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
a{color:var(--accent);text-underline-offset:.2em}
a:hover{color:var(--accent-strong)}
.button{padding:.5rem 1.125rem;border-radius:7px;background:var(--accent);color:var(--accent-ink);font-weight:500;text-decoration:none}
.button:hover{background:var(--accent-strong);color:var(--accent-ink)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`

const pageHeaders: readonly string[] = [
  'content-type',
  'text/html; charset=utf-8',
  'content-security-policy',
  `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-resource-policy',
  'same-origin',
  'cache-control',
  'no-store',
  'vary',
  'Accept, Origin, Sec-Fetch-Site',
]
