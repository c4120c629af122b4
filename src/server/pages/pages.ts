import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { catalogue } from '../../errors.js'
import type { AddressLists } from '../../http/address-lists.js'
import { openApiDocument } from '../../http/openapi.js'
import { type Route, route } from '../../http/route.js'
import type { Dialect } from '../../profiles/dialect.js'
import { native } from '../../profiles/native.js'
import { spokenScript } from './spoken.js'

/** Pages: the documentation, the try-it page, and one page for each refusal. Everything is served from here. */
type Deps = {
  name: string
  baseUrl: string
  /** The routes that the OpenAPI document describes. */
  routes: readonly Route[]
  /** Lists of addresses that are in force. */
  addresses?: AddressLists
  /** The dialect of the routes. Default: native */
  dialect?: Pick<Dialect, 'name' | 'wire' | 'options'>
  /** Whether native answers are in envelopes. Default: bare */
  responseFormat?: 'bare' | 'envelope'
  /** Whether documentation and try-it page are served, besides the pages of the refusals. */
  docs: boolean
}

const own =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
const closed = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
const policies = {
  page: `${own}; ${closed}`,
  // ReDoc writes style elements and searches in a worker
  redoc: `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src blob:; ${closed}`,
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  json: 'application/json; charset=utf-8',
}

export const pageRoutes = ({ docs, ...about }: Deps): Route[] => [
  file('/assets/style.css', 'style.css'),
  file('/assets/favicon.svg', 'favicon.svg'),
  errorPage(docs),
  ...(docs ? documentation(about) : []),
]

const documentation = ({ routes, dialect = native, ...about }: Omit<Deps, 'docs'>): Route[] => [
  fixed('/openapi.json', () => JSON.stringify(openApiDocument(routes, { ...about, dialect }))),
  file('/docs', 'docs/index.html'),
  file('/docs/docs.css', 'docs/docs.css'),
  file('/docs/start.js', 'docs/start.js'),
  file('/docs/swagger-ui.css', 'vendor/swagger-ui.css'),
  file('/docs/swagger-ui-bundle.js', 'vendor/swagger-ui-bundle.js'),
  file('/redoc', 'redoc/index.html', policies.redoc),
  file('/redoc/redoc.css', 'redoc/redoc.css'),
  file('/redoc/start.js', 'redoc/start.js'),
  file('/redoc/redoc.standalone.js', 'vendor/redoc.standalone.js'),
  file('/test-login', 'try-it/index.html', policies.page),
  fixed('/test-login/dialect.js', () => spokenScript(routes, dialect)),
  ...tryItFiles().map((asset) => file(`/test-login/${asset}`, `try-it/${asset}`)),
]

const tryItFiles = (): string[] =>
  readdirSync(new URL('try-it', import.meta.url)).filter((name) => /\.(?:js|css)$/.test(name))

const file = (path: string, source: string, policy = policies.page): Route =>
  fixed(path, () => readFileSync(new URL(source, import.meta.url)), policy)

/**
 * Small and always the same: made when first asked for, then kept. Pages of many files are not counted by the limit of
 * requests, which some dialects set lower than what one page asks for.
 */
const fixed = (path: string, make: () => Buffer | string, policy = policies.page): Route => {
  let content: Buffer | string | undefined
  let etag = ''
  return route({
    method: 'GET',
    path,
    summary: path,
    tag: 'Pages',
    access: 'public',
    limit: 'none',
    answers: { 200: 'Raw' },
    handle: async () => {
      content ??= make()
      etag ||= `"${hash('sha256', content, 'base64url')}"`
      return {
        contentType: types[path.split('.').at(-1) ?? ''] ?? types.html ?? '',
        body: content,
        headers: { 'content-security-policy': policy, 'cache-control': 'no-cache', etag },
      }
    },
  })
}

/** What the `type` of every problem points at. */
const errorPage = (docs: boolean): Route =>
  route({
    method: 'GET',
    path: '/errors/{code}',
    summary: 'What a refusal means and how to mend it',
    tag: 'Pages',
    access: 'public',
    answers: { 200: 'Raw', 404: 'not_found' },
    handle: async ({ params: { code = '' } }) => {
      const entry = Object.entries(catalogue).find(([name]) => name === code)?.[1]
      const [title, body] = entry
        ? [entry.title, article(code, entry)]
        : ['Unknown code', '<h1>Unknown code</h1><p>There is no refusal of this name.</p>']
      return {
        status: entry ? 200 : 404,
        contentType: types.html ?? '',
        body: template(docs).replace('{{title}}', title).replace('{{body}}', body),
        headers: { 'content-security-policy': policies.page, 'cache-control': 'no-cache' },
      }
    },
  })

/** Without documentation the links to it would lead nowhere. */
const template = (docs: boolean): string => {
  const page = readFileSync(new URL('article.html', import.meta.url), 'utf8')
  return docs ? page : page.replace(/<nav.*<\/nav>/s, '')
}

const article = (
  code: string,
  { status, title, detail, help }: (typeof catalogue)[keyof typeof catalogue],
): string =>
  [
    `<p><code>${status}</code> <code>${code}</code></p>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(detail)}</p>`,
    `<h2>What to do</h2><p>${escapeHtml(help)}</p>`,
  ].join('\n')

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
