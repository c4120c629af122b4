// Runs in a worker thread: hashes one password after the other, synchronously, so that libuv's pool stays free for
// files and DNS. Plain JavaScript, because a worker starts from the file as it stands.
import { readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { fitsFirebase, fitsPbkdf2, fitsScrypt } from './key-derivation.js'
import { fitsShaCrypt } from './sha-crypt.js'

/** @import { HashJob, HashReply } from './hash-job.js' */

/** Below the event loop: on Linux a thread id is accepted where a process id is expected. */
const stepBack = () => {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), 10)
  } catch {
    // other systems run without
  }
}

// not import(): to learn the names of a CommonJS package it keeps 5 MB in every thread
const require = createRequire(import.meta.url)
/** @returns {typeof import('@node-rs/argon2')} */
const loadArgon2 = () => require('@node-rs/argon2')
/** @returns {typeof import('@node-rs/bcrypt')} */
const loadBcrypt = () => require('@node-rs/bcrypt')

/** @param {HashJob} job @returns {string | boolean} */
const work = (job) => {
  switch (job.kind) {
    case 'argon2-hash':
      return loadArgon2().hashSync(job.password, job.options)
    case 'argon2-verify':
      return loadArgon2().verifySync(job.hash, job.password)
    case 'bcrypt-hash':
      return loadBcrypt().hashSync(job.password, { cost: job.cost })
    case 'bcrypt-verify':
      return loadBcrypt().verifySync(job.password, job.hash)
    case 'scrypt-verify':
      return fitsScrypt(job)
    case 'firebase-verify':
      return fitsFirebase(job)
    case 'pbkdf2-verify':
      return fitsPbkdf2(job)
    case 'sha-crypt-verify':
      return fitsShaCrypt(job)
  }
}

/** @param {HashJob} job @returns {HashReply} */
const answer = (job) => {
  try {
    return { result: work(job) }
  } catch {
    // a malformed stored hash ends here; its text must not travel into a message
    return { failed: true }
  }
}

stepBack()

parentPort?.on('message', (/** @type {HashJob} */ job) => parentPort?.postMessage(answer(job)))
