// Loaded with NODE_OPTIONS="--import …": a defect that shows itself on SIGUSR2, outside of any request.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.on('SIGUSR2', () => {
    if (process.env.BOMB === 'reject') void Promise.reject(new Error('boom'))
    else
      setTimeout(() => {
        throw new Error('boom')
      }, 1)
  })
}
