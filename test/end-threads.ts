import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Worker } from 'node:worker_threads'
import { afterAll } from 'vitest'

/** Set up before each file of those that share a process: the threads which hash for its tests end with it. */
const started: Worker[] = []

const note = (message: unknown): void => {
  if (typeof message !== 'object' || message === null || !('worker' in message)) return
  if (message.worker instanceof Worker) started.push(message.worker)
}

subscribe('worker_threads', note)
afterAll(async () => {
  unsubscribe('worker_threads', note)
  await Promise.all(started.map((worker) => worker.terminate()))
})
