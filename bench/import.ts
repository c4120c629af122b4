import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { root } from './processes.js'
import { openPlace } from './stores.js'

/** `npm run bench:import`: how many accounts a second come in, and how much memory that takes. */
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    stores: { type: 'string', default: 'sqlite,postgres' },
    format: { type: 'string', default: 'csv' },
  },
})
const users = Number(values.users)
const data = join(root, 'data')
mkdirSync(data, { recursive: true })
const folder = mkdtempSync(join(data, 'import-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const titles = 'id,email,password_hash,first_name,last_name,created_at,is_active\n'

/** Ids as random uuids are, the worst order for an index; one hash for all, of the usual length. */
function* lines(): Generator<string> {
  const hash = '$2b$12$abcdefghijklmnopqrstuuEyy7oSHSY7e0wRkqAGkzKkkE0uWQKLe'
  if (values.format === 'csv') yield titles
  let portion = ''
  for (let index = 0; index < users; index += 1) {
    const hex = createHash('md5').update(`${index}`).digest('hex')
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
    const email = `${hex.slice(0, 6)}.person${index}@example.com`
    portion +=
      values.format === 'csv'
        ? `${id},${email},${hash},"Ada, ${index}",Lovelace,2024-01-02 03:04:05.678901,true\n`
        : `${JSON.stringify({ id, email, password_hash: hash, first_name: `Ada ${index}`, created_at: '2024-01-02T03:04:05Z' })}\n`
    if (portion.length < 65_536) continue
    yield portion
    portion = ''
  }
  yield portion
}

const file = join(folder, `users.${values.format}`)
await pipeline(Readable.from(lines()), createWriteStream(file))
console.log(
  `${users} users in ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB of ${values.format}`,
)

const main = join(root, 'dist/server/cli/main.js')

/** Seconds of a processor that it has had, which a busy machine changes less than the time that went by. */
const processorSeconds = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

/** Resident memory at its highest, as Linux remembers it. */
const peakMib = (pid: number): number => {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib ?? 0) / 1024
  } catch {
    return 0 // it has ended, or this is no Linux
  }
}

const measure = async (title: string, words: readonly string[], settings: object) => {
  const started = performance.now()
  const child = spawn(process.execPath, [main, ...words, '--json'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let [peak, processor] = [0, 0]
  const timer = setInterval(() => {
    peak = Math.max(peak, peakMib(child.pid ?? 0))
    processor = Math.max(processor, processorSeconds(child.pid ?? 0))
  }, 50)
  const [answer] = await Promise.all([text(child.stdout), once(child, 'exit')])
  clearInterval(timer)
  const seconds = (performance.now() - started) / 1000
  const { report } = JSON.parse(answer)
  const { imported, already_there: present, refused } = report
  const rate = Math.round(users / seconds)
  console.log(
    `${title.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s ${String(rate).padStart(7)} rows/s ${peak.toFixed(0).padStart(5)} MiB ${processor.toFixed(1).padStart(6)} s of a processor   in ${imported}, there ${present}, out ${refused}`,
  )
}

for (const store of values.stores.split(',')) {
  if (store !== 'sqlite' && store !== 'postgres' && store !== 'mysql' && store !== 'mongo') continue
  const place = await openPlace(store)
  const settings = await place.fresh()
  const words = ['import', '--from', file]
  await measure(`${store}: looked at`, [...words, '--dry-run'], settings)
  await measure(`${store}: taken in`, [...words, '--yes'], settings)
  await measure(`${store}: once more`, [...words, '--yes'], settings)
  await place.stop()
}
