import { execFileSync } from 'node:child_process'
import type { TestServer } from '../servers.js'

/** Linux can forbid a running process to let files grow: what it then meets is what a full disk looks like. */
export const canLimitFiles = ((): boolean => {
  try {
    execFileSync('prlimit', ['--version'])
    return true
  } catch {
    return false
  }
})()

export const fillDisk = (server: TestServer): void => limit(server, '1:unlimited')

export const freeDisk = (server: TestServer): void => limit(server, 'unlimited')

const limit = (server: TestServer, size: string): void => {
  execFileSync('prlimit', [`--pid=${server.pid()}`, `--fsize=${size}`])
}
