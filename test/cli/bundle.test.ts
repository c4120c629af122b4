import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { newFolder, start } from './command.js'

/** The command is a bundle (docs/decisions/0025); two things have to be as if it were none. */
const root = new URL('../../', import.meta.url)

/** An error made where the server listens, thrown when SIGUSR2 comes. */
const faulty = `data:text/javascript,${encodeURIComponent(`
  import { Server } from 'node:http'
  const { listen } = Server.prototype
  Server.prototype.listen = function (...words) {
    const error = new Error('provoked')
    process.on('SIGUSR2', () => { throw error })
    return listen.apply(this, words)
  }
`)}`

test('an error in the log names the lines of src/', async () => {
  const child = start(newFolder(), [`--import=${faulty}`, 'serve', '--port', '0'])
  let log = ''
  for await (const chunk of child.stdout) {
    log += chunk
    if (log.includes('listening')) child.kill('SIGUSR2')
  }

  const line = log.split('\n').find((entry) => entry.includes('something unexpected'))
  const { stack } = JSON.parse(line ?? '{}').err
  const [place = '', number = '0'] =
    /file:\S*server\.ts:\d+/.exec(stack)?.[0].split(/:(?=\d+$)/) ?? []
  expect(place).toBe(new URL('src/server/server.ts', root).href)
  const lines = readFileSync(fileURLToPath(place), 'utf8').split('\n')
  expect(lines[Number(number) - 1]).toContain('server.listen(')
})

test('the licences of what is inside are beside it', () => {
  const text = readFileSync(new URL('dist/command/LICENSES.txt', root), 'utf8')
  for (const name of ['kysely', 'zod', 'jose', 'pino', 'commander']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)\n\n.*Copyright`, 'ms'))
  }
})
