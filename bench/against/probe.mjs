// Loaded into the server before its own code: measures from inside how long the event loop and small file reads wait.
import { readFile } from 'node:fs/promises'

const everyMilliseconds = 5
const file = new URL(import.meta.url)
let loopDelays = []
let fileReads = []

let dueAt = performance.now() + everyMilliseconds
const tick = () => {
  loopDelays.push(Math.max(0, performance.now() - dueAt))
  dueAt = performance.now() + everyMilliseconds
  setTimeout(tick, everyMilliseconds).unref()
}
setTimeout(tick, everyMilliseconds).unref()

const read = async () => {
  const startedAt = performance.now()
  await readFile(file)
  fileReads.push(performance.now() - startedAt)
  setTimeout(read, everyMilliseconds).unref()
}
setTimeout(read, everyMilliseconds).unref()

process.on('message', () => {
  process.send({ loopDelays, fileReads })
  loopDelays = []
  fileReads = []
})
process.channel?.unref()
