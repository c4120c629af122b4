// Loaded into a server before its own code: records where its main thread spends time between two messages.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

const everyMicroseconds = 200
const session = new Session()
session.connect()

const start = async () => {
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: everyMicroseconds })
  await session.post('Profiler.start')
}

const stop = async (file) => {
  const { profile } = await session.post('Profiler.stop')
  writeFileSync(file, JSON.stringify(profile))
}

process.on('message', async ({ file }) => {
  await (file === undefined ? start() : stop(file))
  process.send('done')
})
process.channel?.unref()
