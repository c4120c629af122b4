// `npm run lockfile`, after changing a dependency: names every platform's native package in package-lock.json.
// A registry mirror that carries only some platforms leaves the others out, and then `npm ci` refuses the lockfile
// everywhere. What is added here has no digest, because nobody here could download it; npm fetches it where it fits.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './sources.mjs'

const path = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'win32',
]
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const added = []
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (parent === '' || isLocked(parent, name)) continue
    lock.packages[`node_modules/${name}`] = platformEntry(name, version, entry.dev)
    added.push(`${name}@${version}`)
  }
}

const byPath = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(
  path,
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(byPath) }, null, 2)}\n`,
)
console.log(added.length === 0 ? 'package-lock.json was complete' : `added ${added.join(', ')}`)

/** Node looks beside the asking package first, then further out. */
function isLocked(parent, name) {
  const nested = `${parent}/node_modules/${name}` in lock.packages
  return nested || `node_modules/${name}` in lock.packages
}

/** `@scope/tool-linux-arm64-musl` says in its name where it belongs. */
function platformEntry(name, version, dev) {
  const words = name.split(/[/.-]/)
  const os = words.find((word) => systems.includes(word))
  const cpu = words.find((word) => processors.includes(word))
  if (cpu === undefined)
    throw new Error(`Which machine is ${name} for? Teach scripts/lockfile.mjs.`)
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(os === 'linux' ? { libc: [libc] } : {}),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
  }
}
