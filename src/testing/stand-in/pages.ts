import type { Answer, Question } from './look.js'
import { nameOf, type StandInPerson } from './people.js'

/** What a browser sees of a stand-in: who is there, and a form for somebody who is not. No scripts. */
type Scene = {
  title: string
  path: string
  query: URLSearchParams
  people: readonly StandInPerson[]
}

/** Whether somebody at a browser has yet to say who they are. */
export const isToChoose = (
  { query, headers }: Pick<Question, 'query' | 'headers'>,
  found: StandInPerson | undefined,
): boolean => {
  const hint = query.get('login_hint')
  if (!headers.accept?.includes('text/html') || query.has('stand_in_email')) return false
  return hint === null || (found === undefined && hint !== 'nobody')
}

export const chooser = ({ title, path, query, people }: Scene): Answer => {
  const asked = [...query].filter(([name]) => name !== 'login_hint').map(hidden)
  const form = (content: string): string =>
    `<form action="${escaped(path)}">${asked.join('')}${content}</form>`
  return page(
    `Sign in with ${title}`,
    `<p class="note" role="note">A stand-in for ${escaped(title)} on this machine. Nobody is asked for a password, and nothing here is true.</p>
<h1>Sign in with ${escaped(title)}</h1>
<p>to go on to <b>${escaped(hostOf(query.get('redirect_uri')))}</b></p>
${form(`<ul>${people.map(button).join('')}</ul>`)}
<details><summary>Somebody else</summary>${form(`
<label>Name <input name="stand_in_name" autocomplete="off" value="Mary Somerville" required></label>
<label>E-mail address, or nothing <input name="stand_in_email" type="email" autocomplete="off" value="mary@example.com"></label>
<label class="check"><input name="stand_in_verified" type="checkbox" checked> ${escaped(title)} has confirmed the address</label>
<button class="main">Sign in</button>`)}</details>
${form('<button class="plain" name="login_hint" value="nobody">Cancel</button>')}`,
  )
}

const button = (person: StandInPerson): string => {
  const { subject, email, emailVerified } = person
  const address = email === null ? 'no e-mail address' : email
  const note = email !== null && !emailVerified ? ' (not confirmed)' : ''
  return `<li><button name="login_hint" value="${escaped(subject)}"><b>${escaped(nameOf(person))}</b><span>${escaped(address)}${note}</span></button></li>`
}

const hidden = ([name, value]: [string, string]): string =>
  `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`

const hostOf = (address: string | null): string =>
  address !== null && URL.canParse(address) ? new URL(address).host : 'the app'

/** OAuth 2.0 Form Post Response Mode: the browser posts the answer, by itself or by the button. */
export const posted = (action: string, members: URLSearchParams): Answer => {
  const form = `<form method="post" action="${escaped(action)}">${[...members].map(hidden).join('')}<button class="main">Continue</button></form>`
  const answer = page('Signing in', `<h1>Back to the app</h1>${form}`)
  // the real ones do the same
  const script = '<script>document.forms[0].submit()</script>'
  return { ...answer, body: `${answer.body}${script}`, headers: htmlHeaders("'unsafe-inline'") }
}

const page = (title: string, content: string): Answer & { body: string } => ({
  headers: htmlHeaders("'none'"),
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} (stand-in)</title>
<style>${style}</style>
<main>${content}</main>
</html>
`,
})

const htmlHeaders = (scripts: string): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
})

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #5b6670; --back: #f3f5f7; --card: #fff; --line: #c9d1d8; --main: #0b5fb0; --note: #fff4d6; --on-note: #5c4100 }
@media (prefers-color-scheme: dark) { :root { --text: #e8ecef; --quiet: #a3adb6; --back: #14181c; --card: #1d2329; --line: #3a444d; --main: #6db3f5; --note: #40340f; --on-note: #ffe3a1 } }
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 26rem; margin: 5vh auto; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
h1 { margin: 1rem 0 0; font-size: 1.4rem; line-height: 1.25 }
p { margin: .25rem 0 1rem; color: var(--quiet); overflow-wrap: anywhere }
.note { margin: 0; padding: .6rem .8rem; border-radius: .5rem; background: var(--note); color: var(--on-note); font-size: .9rem }
ul { margin: 0; padding: 0; list-style: none }
button, input { font: inherit; color: inherit }
button { width: 100%; min-height: 2.75rem; margin-bottom: .5rem; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: .5rem; background: none; text-align: left; cursor: pointer; overflow-wrap: anywhere }
button span { display: block; color: var(--quiet); font-size: .9rem }
button:hover { border-color: var(--main) }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
.main { border-color: var(--main); background: var(--main); color: var(--card); text-align: center; font-weight: 600 }
.plain { margin: .5rem 0 0; border-color: transparent; text-align: center }
details { margin-top: .25rem }
summary { padding: .5rem .2rem; cursor: pointer }
label { display: block; margin-bottom: .75rem; font-size: .9rem }
label input:not([type=checkbox]) { display: block; width: 100%; min-height: 2.5rem; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--back); font-size: 1rem }
.check { display: flex; gap: .5rem; align-items: center; min-height: 1.75rem }
.check input { width: 1.1rem; height: 1.1rem; accent-color: var(--main) }
`
