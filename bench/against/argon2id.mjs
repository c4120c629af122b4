// Bare argon2id: the library alone, one thread a core, verifying without a pause for SECONDS. Prints hashes a second.
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'

const password = 'correct horse battery staple'
const milliseconds = Number(process.env.SECONDS) * 1000

const verifyUntilTheEnd = (stored) => {
  const endsAt = performance.now() + milliseconds
  let count = 0
  while (performance.now() < endsAt) if (verifySync(stored, password)) count += 1
  return count
}

if (isMainThread) {
  const [memoryCost, timeCost, parallelism] = process.env.PARAMETERS.split(',').map(Number)
  const stored = hashSync(password, { memoryCost, timeCost, parallelism })
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL(import.meta.url)),
  )
  await Promise.all(
    threads.map((thread) => new Promise((resolve) => thread.once('message', resolve))),
  )
  const startedAt = performance.now()
  const counts = threads.map(
    (thread) =>
      new Promise((resolve) => {
        thread.once('message', resolve)
        thread.postMessage(stored)
      }),
  )
  const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  console.log((total * 1000) / (performance.now() - startedAt))
  process.exit()
} else {
  parentPort.on('message', (stored) => parentPort.postMessage(verifyUntilTheEnd(stored)))
  parentPort.postMessage('ready')
}
