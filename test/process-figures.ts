import { readdirSync, readFileSync } from 'node:fs'

/** What Linux tells of a process: figures for tests that bound them. */
const hasProc = process.platform === 'linux'

/** Resident memory. */
export const memoryMib = (pid: number): number => {
  if (!hasProc) return 0
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}

/** Open files, sockets and pipes. */
export const descriptorsOf = (pid: number): number =>
  hasProc ? readdirSync(`/proc/${pid}/fd`).length : 0
