// `npm start`: installs and builds what is missing, then becomes the server. It is the same process, so signals
// and exit codes are the server's own. Nothing above the version check may need a recent Node.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `latchkey needs Node.js 20.19 or newer, and this is ${process.versions.node}. A current one: https://nodejs.org`,
  )
  process.exit(1)
}

const { ensureBuilt, ensureInstalled } = await import('./prepare.mjs')
const { inRoot } = await import('./sources.mjs')
const { createProgress } = await import('./progress.mjs')
const { failAndExit } = await import('./run.mjs')

const progress = createProgress({ stream: process.stderr, quiet: !process.stderr.isTTY })
try {
  await ensureInstalled(progress)
  await ensureBuilt(progress)
} catch (error) {
  failAndExit(error)
}

const { pathToFileURL } = await import('node:url')
const main = inRoot('dist/server/cli/main.js')
process.argv = [process.execPath, main, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(main).href)
