import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { environment, main, newFolder, runJson, type Variables } from './command.js'

/** `script` gives a command a terminal of its own, without a size; the options are those of Linux. */
const script = '/usr/bin/script'
const hasTerminal = process.platform === 'linux' && existsSync(script)

const onTerminal = (folder: string, words: string, variables: Variables = {}) => {
  const command = `stty cols 100 rows 30; exec '${process.execPath}' '${main}' ${words}`
  const child = spawn(script, ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: environment({ TERM: 'xterm', ...variables }),
    stdio: 'pipe',
  })
  let raw = ''
  child.stdout.on('data', (chunk) => {
    raw += chunk
  })
  const exit = once(child, 'exit').then(([code]) => Number(code))
  const seen = async (text: string): Promise<void> => {
    const before = Date.now()
    while (!stripVTControlCharacters(raw).includes(text)) {
      if (Date.now() - before > 20_000) throw new Error(`"${text}" was not seen in:\n${raw}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return { exit, seen, raw: () => raw, type: (keys: string) => child.stdin.write(keys) }
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  test('serve shows where everything is, in colour, and Ctrl+C stops it', async () => {
    const server = onTerminal(newFolder(), 'serve', { PORT: '0', HOST: '0.0.0.0' })
    await server.seen('Ctrl+C stops it')
    server.type('\u0003')

    expect(await server.exit).toBe(0)
    const text = stripVTControlCharacters(server.raw())
    expect(text).toMatch(/latchkey \d+\.\d+\.\d+ is ready/)
    expect(text).toMatch(/server +http:\/\/localhost:\d+ +on every address/)
    expect(text).toMatch(/try it +http:\/\/localhost:\d+\/test-login/)
    expect(text).toMatch(/secret +\.\/data\/latchkey\.key/)
    expect(server.raw()).toContain('\u001b[36mhttp://localhost')
  })

  test('NO_COLOR is respected', async () => {
    const doctor = onTerminal(newFolder(), 'doctor', { PORT: '0', NO_COLOR: '1' })

    expect(await doctor.exit).toBe(0)
    expect(doctor.raw()).toContain('✓ settings')
    expect(doctor.raw()).not.toContain('\u001b[3')
  })

  test('users create asks twice for the password and never shows it', async () => {
    const folder = newFolder()
    const create = onTerminal(folder, 'users create')
    await create.seen('E-mail address')
    create.type('ada@example.com\r')
    await create.seen('New password')
    create.type('correct horse battery\r')
    await create.seen('Once more')
    create.type('correct horse battery\r')

    expect(await create.exit).toBe(0)
    expect(create.raw()).not.toContain('correct horse')
    const { json } = await runJson(folder, ['users', 'list'])
    expect(json.users).toMatchObject([{ email: 'ada@example.com' }])
  })

  test('two passwords that differ, or Ctrl+C, change nothing', async () => {
    const folder = newFolder()
    const differ = onTerminal(folder, 'users create --username ada')
    await differ.seen('New password')
    differ.type('correct horse battery\r')
    await differ.seen('Once more')
    differ.type('correct horse batterie\r')
    const cancelled = onTerminal(folder, 'users create --username ada')
    await cancelled.seen('New password')
    cancelled.type('\u0003')

    expect(await differ.exit).toBe(2)
    expect(await cancelled.exit).toBe(1)
    expect((await runJson(folder, ['users', 'list'])).json.users).toEqual([])
  })
})
