import { once } from 'node:events'
import { start, type Variables } from './command.js'

/** A server that runs until the test tells it to stop. */
export type ServerProcess = Awaited<ReturnType<typeof serve>>

type Line = Record<string, unknown> & { level: string; msg: string }

export const serve = async (
  folder: string,
  variables: Variables = {},
  words: readonly string[] = [],
  options: readonly string[] = [],
) => {
  const child = start(folder, [...words, 'serve', ...options], { PORT: '0', ...variables })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const exit = once(child, 'exit').then(([code]) => Number(code))
  const lines: Line[] = []
  let rest = ''
  const listening = new Promise<Line>((resolve) => {
    child.stdout.on('data', (chunk) => {
      rest += chunk
      const complete = rest.split('\n')
      rest = complete.pop() ?? ''
      for (const line of complete) lines.push(JSON.parse(line))
      const found = lines.find(({ msg }) => msg === 'listening')
      if (found !== undefined) resolve(found)
    })
  })
  const early = exit.then((code) => {
    throw new Error(`The server ended with code ${code} before it listened:\n${said}`)
  })
  const places = await Promise.race([listening, early])
  early.catch(() => {})

  const url = String(places.url)
  const call = (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, init)
  return {
    places,
    pid: Number(child.pid),
    lines,
    url,
    exit,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    call,
    post: (path: string, body: object) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: async (): Promise<number> => {
      child.kill('SIGTERM')
      return exit
    },
  }
}

/** Asks until it is so; says how long that took, in milliseconds. */
export const untilTrue = async (
  condition: () => Promise<boolean>,
  withinMilliseconds: number,
): Promise<number> => {
  const begin = performance.now()
  while (!(await condition())) {
    if (performance.now() - begin > withinMilliseconds) throw new Error('It did not come true.')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return performance.now() - begin
}

export const jsonOf = async <Type>(answer: Response): Promise<Type> => (await answer.json()) as Type
