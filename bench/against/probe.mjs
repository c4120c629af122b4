// Loaded into the server before its own code: measures from inside how long the event loop and small file reads wait.
// It costs a tenth of a core, so it is awake only between two messages: the first wakes it, the second asks what it saw.
import { readFile } from 'node:fs/promises'

const everyMilliseconds = 5
const file = new URL(import.meta.url)
let seen

const watchLoop = (into) => {
  const dueAt = performance.now() + everyMilliseconds
  const tick = () => {
    if (into !== seen) return
    into.loopDelays.push(Math.max(0, performance.now() - dueAt))
    watchLoop(into)
  }
  setTimeout(tick, everyMilliseconds).unref()
}

const readFiles = async (into) => {
  const startedAt = performance.now()
  await readFile(file)
  if (into !== seen) return
  into.fileReads.push(performance.now() - startedAt)
  setTimeout(readFiles, everyMilliseconds, into).unref()
}

const wake = () => {
  seen = { loopDelays: [], fileReads: [] }
  watchLoop(seen)
  void readFiles(seen)
}

process.on('message', () => {
  if (seen === undefined) return wake()
  process.send(seen)
  seen = undefined
})
process.channel?.unref()
