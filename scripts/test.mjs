// `npm test`: brings everything up to date, checks what can be checked without running, then runs the tests.
// Arguments after `--` go to vitest. The last line always counts the tests.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowser } from './browser.mjs'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { createProgress } from './progress.mjs'
import { ensurePyJwt } from './python.mjs'
import { run, runOrThrow, ToolError } from './run.mjs'
import { ensureServices } from './services.mjs'
import { root } from './sources.mjs'
import { describeStores, readVersions } from './stores.mjs'

const progress = createProgress({ stream: process.stdout })
const tool = (path) => join(root, 'node_modules', path)
const compilerMemory = tool('.cache/latchkey/tsconfig.tsbuildinfo')

const checks = {
  types: ['typescript/bin/tsc', '--incremental', '--tsBuildInfoFile', compilerMemory],
  'style (biome)': ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--colors=off'],
  'unused code (knip)': ['knip/bin/knip.js', '--no-progress', '--no-config-hints'],
  'package (publint)': ['publint/src/cli.js', '--pack', 'false', '--strict'],
}

const main = async () => {
  await ensureInstalled(progress)
  const browser = await ensureBrowser(progress)
  if (browser === undefined) console.log('- no chromium on this machine: browser tests are skipped')
  const reasons = await ensureServices(progress)
  await ensurePyJwt(progress)
  await ensureBuilt(progress)
  await runChecks()
  return runTests(process.argv.slice(2), { browser, reasons })
}

/** All of them, even when one fails: whoever mends the code wants to hear everything at once. */
const runChecks = async () => {
  const runs = Object.entries(checks).map(([title, [path, ...args]]) =>
    progress.step(title, async () => {
      await runOrThrow(title, process.execPath, [tool(path), ...args], { cwd: root })
    }),
  )
  const failures = (await Promise.allSettled(runs)).flatMap(({ reason }) =>
    reason ? [reason] : [],
  )
  if (failures.length === 0) return
  throw new ToolError(failures.map(({ message }) => message).join('\n'), {
    output: failures.map(({ output }) => output).join('\n'),
  })
}

const runTests = async (filters, { browser, reasons }) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-tests-'))
  const report = join(folder, 'report.json')
  const versions = join(folder, 'versions.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const { code } = await run(
      process.execPath,
      [tool('vitest/vitest.mjs'), 'run', ...reporters, ...filters],
      {
        cwd: root,
        env: { ...testEnvironment(browser), TEST_SERVICES_VERSIONS: versions },
        show: true,
      },
    )
    const { tests, ...counts } = readReport(report)
    const met = await readVersions(versions)
    return { code, ...counts, stores: describeStores({ tests, versions: met, reasons }) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Tests see the defaults, not the settings of whoever runs them. */
const testEnvironment = (browser) => {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'))
  return {
    ...Object.fromEntries(own),
    ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }),
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  }
}

const readReport = (path) => {
  if (!existsSync(path)) return { tests: [], passed: 0, failed: 0, skipped: [] }
  const files = JSON.parse(readFileSync(path, 'utf8')).testResults
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const count = (status) => tests.filter((test) => test.status === status).length
  // A file that cannot even be loaded has no tests to count, and is one failure all the same.
  const broken = files.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status))
  return {
    tests,
    passed: count('passed'),
    failed: count('failed') + broken.length,
    skipped: skipped.map(({ fullName }) => fullName),
  }
}

const close = ({ code, passed, failed, skipped, stores = [] }) => {
  for (const name of skipped) console.log(`skipped: ${name}`)
  for (const line of stores) console.log(line)
  console.log(`tests: ${passed} passed, ${failed} failed, ${skipped.length} skipped`)
  process.exitCode = failed > 0 ? 1 : code
}

try {
  close(await main())
} catch (error) {
  if (!(error instanceof ToolError)) throw error
  console.log(`\n${error.output.trimEnd()}\n${error.message}\nStopped before the tests.`)
  close({ code: 1, passed: 0, failed: 0, skipped: [] })
}
