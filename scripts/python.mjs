import { installPackage, mayInstall } from './debian.mjs'
import { run, ToolError } from './run.mjs'

const hasPyJwt = () =>
  run('/usr/bin/python3', ['-c', 'import jwt']).then(
    ({ code }) => code === 0,
    () => false,
  )

/** Finds Python's PyJWT, which checks tokens as other services do, or fetches Debian's where we may. Without it that test is skipped. */
export const ensurePyJwt = async ({ step }) => {
  if ((await hasPyJwt()) || !mayInstall()) return
  await step('installing python3-jwt', () => installPackage('python3-jwt')).catch((error) => {
    if (!(error instanceof ToolError)) throw error
  })
}
