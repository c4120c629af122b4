import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A disk that takes its time, and of which is known what it would hold after a power cut: slow-disk.c. */
export type SlowDisk = {
  /** For a process whose files lie in the folder. */
  env: Readonly<Record<string, string>>
  /** Whether something was written and the disk is being waited for. */
  isSyncing(): boolean
  /** From now on every sync fails with an input/output error, or none does. */
  setFailing(isFailing: boolean): void
  /** From now on no sync ends, until they all may. */
  setHanging(isHanging: boolean): void
  /** After the process was killed: leaves in the folder what the disk would. True when something had not been synced. */
  cutPower(unsynced: Unsynced): boolean
  close(): void
}

/** What became of writes that nobody had waited for: none had reached the disk, or this sector and not that one. */
export type Unsynced = { kind: 'lost' } | { kind: 'torn'; isWritten(): boolean }

/** Why there is none here; undefined where it can be had. */
export const withoutSlowDisk = ((): string | undefined => {
  if (process.platform !== 'linux') return 'LD_PRELOAD and /proc are of Linux'
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'there is no C compiler: install gcc'
  }
})()

export const createSlowDisk = (folder: string, milliseconds: number): SlowDisk => {
  const own = mkdtempSync(join(tmpdir(), 'latchkey-disk-'))
  const [library, image] = [join(own, 'slow-disk.so'), join(own, 'image')]
  mkdirSync(image)
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])

  const mark = (name: string, isThere: boolean): void => {
    const marker = join(image, name)
    if (isThere) writeFileSync(marker, '')
    else rmSync(marker)
  }

  return {
    env: {
      LD_PRELOAD: library,
      SLOW_DISK_MS: String(milliseconds),
      SLOW_DISK_FOLDER: folder,
      SLOW_DISK_IMAGE: image,
    },
    isSyncing: () => existsSync(join(image, 'syncing')),
    setFailing: (isFailing) => mark('failing', isFailing),
    setHanging: (isHanging) => mark('hanging', isHanging),
    cutPower: (unsynced) => {
      const synced = contentsOf(image)
      const written = new Map(readdirSync(folder).map((name) => [name, read(join(folder, name))]))
      for (const place of [folder, image]) {
        rmSync(place, { recursive: true })
        mkdirSync(place, { mode: 0o700 })
      }
      const names: string[] = []
      for (const [name, content] of synced) {
        const left = unsynced.kind === 'lost' ? content : tear(content, written.get(name), unsynced)
        const file = join(folder, name)
        writeFileSync(file, left, { mode: 0o600 })
        const { ino } = statSync(file)
        writeFileSync(join(image, String(ino)), left)
        names.push(`${ino} ${name}\n`)
      }
      writeFileSync(join(image, 'names'), names.join(''))
      return [...synced].some(([name, content]) => {
        const had = written.get(name)
        return !isIndex(name) && had !== undefined && had.length > 0 && !had.equals(content)
      })
    },
    close: () => rmSync(own, { recursive: true, force: true, maxRetries: 5 }),
  }
}

const source = fileURLToPath(new URL('slow-disk.c', import.meta.url))

/** SQLite's index into its log: never synced, and made anew when the file is opened. */
const isIndex = (name: string): boolean => name.endsWith('-shm')

const read = (file: string): Buffer => readFileSync(file)

/** Of each name that the disk knows, what of its file is certain. */
const contentsOf = (image: string): Map<string, Buffer> => {
  const contents = new Map(readdirSync(image).map((inode) => [inode, read(join(image, inode))]))
  const names = contents.get('names')?.toString().trimEnd().split('\n') ?? []
  return new Map(
    names.map((line) => {
      const [, inode = '', name = ''] = /^(\d+) (.+)$/.exec(line) ?? []
      return [name, contents.get(inode) ?? Buffer.alloc(0)]
    }),
  )
}

const sectorBytes = 512

const tear = (
  synced: Buffer,
  written: Buffer | undefined,
  { isWritten }: Extract<Unsynced, { kind: 'torn' }>,
): Buffer => {
  if (written === undefined) return synced
  const torn = Buffer.alloc(isWritten() ? written.length : synced.length)
  synced.copy(torn)
  for (let start = 0; start < written.length; start += sectorBytes)
    if (isWritten()) written.copy(torn, start, start, start + sectorBytes)
  return torn
}
