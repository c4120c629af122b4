// A password hash of Node's alone, named in the first word: one thread a core, verifying without a pause for SECONDS.
// Prints hashes a second.
import { scryptSync } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const password = 'correct horse battery staple 41'
const milliseconds = Number(process.env.SECONDS) * 1000

const hashes = {
  bcryptjs: async () => {
    const { default: bcrypt } = await import('bcryptjs')
    const stored = bcrypt.hashSync(password, 12)
    return () => bcrypt.compareSync(password, stored)
  },
  // better-auth's own parameters
  scrypt: async () => () =>
    scryptSync(password, 'some salt of any length', 64, {
      N: 16_384,
      r: 16,
      p: 1,
      maxmem: 128 * 16_384 * 16 * 2,
    }),
}

if (isMainThread) {
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) }),
  )
  const hear = (thread) => new Promise((resolve) => thread.once('message', resolve))
  await Promise.all(threads.map(hear))
  const rates = threads.map((thread) => {
    const rate = hear(thread)
    thread.postMessage('go')
    return rate
  })
  console.log((await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0))
  process.exit()
} else {
  const verify = await hashes[process.argv[2]]()
  parentPort.on('message', () => {
    const startedAt = performance.now()
    let count = 0
    while (performance.now() - startedAt < milliseconds) {
      verify()
      count += 1
    }
    parentPort.postMessage((count * 1000) / (performance.now() - startedAt))
  })
  parentPort.postMessage('ready')
}
