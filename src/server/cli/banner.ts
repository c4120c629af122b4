import type { ServerSettings } from '../env.js'
import type { Places } from '../places.js'
import type { Output } from './output.js'

/** What a person sees who starts the server on a terminal. */
type Scene = {
  places: Places
  settings: Pick<ServerSettings, 'host' | 'environment' | 'demoProviders'>
  seconds: number
  paint: Output['paint']
}

export const banner = ({ places, settings, seconds, paint }: Scene): string => {
  const line = (name: string, value: string, note = ''): string =>
    `  ${paint('dim', name.padEnd(9))} ${value}${note && `  ${paint('dim', note)}`}`
  const link = (name: string, url: string | undefined, note?: string): string[] =>
    url === undefined ? [] : [line(name, paint('cyan', url), note)]
  const demoOf = (people: readonly string[]): string[] => [
    line('demo', paint('yellow', 'all login providers are make-believe'), 'no passwords'),
    line('', `sign in as ${people.join(', ')} or somebody new`),
  ]
  const groups = [
    [
      ...link('server', places.url, listeningNote(settings.host)),
      ...(places.base_url === places.url ? [] : link('public', places.base_url)),
      ...link('try it', places.try_it, 'register, sign in, look around'),
      ...link('docs', places.docs, 'Swagger UI'),
      ...link('', places.redoc, 'ReDoc'),
      ...link('health', places.health),
      ...link('keys', places.jwks),
    ],
    [
      line('store', places.store, places.store === 'memory' ? 'gone when this ends' : ''),
      ...(places.secret_file === undefined
        ? []
        : [line('secret', places.secret_file, 'keep it with the database')]),
      ...(places.profile === undefined
        ? []
        : [line('profile', places.profile, 'the contract of the service it replaces')]),
      line('mode', settings.environment, modeNote(settings.environment)),
    ],
    ...(settings.demoProviders === undefined ? [] : [demoOf(settings.demoProviders.people)]),
    [paint('dim', '  Ctrl+C stops it. latchkey --help shows what else there is.')],
  ]
  const title = `  ${paint('green', '●')} ${paint('bold', 'latchkey')} ${paint('dim', places.version)} is ready ${paint('dim', `after ${seconds.toFixed(1)} s`)}`
  return `\n${[[title], ...groups].map((lines) => lines.join('\n')).join('\n\n')}\n\n`
}

const listeningNote = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? `on every address of this machine (${host})` : ''

const modeNote = (environment: ServerSettings['environment']): string =>
  environment === 'development'
    ? 'for others to use: ENVIRONMENT=production and an https BASE_URL'
    : ''
