import { spawn } from 'node:child_process'

/** What a failed tool said, for whoever has to mend it. */
export class ToolError extends Error {
  constructor(message, { output = '', exitCode = 1 } = {}) {
    super(message)
    this.output = output
    this.exitCode = exitCode
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 }

/**
 * Runs one program without a shell and without input. Its output is collected, or passed through with `show`.
 * A signal that ends us ends the program too, so that nothing is left running behind.
 */
export const run = (command, args, { cwd, env = process.env, show = false, timeoutMs } = {}) =>
  new Promise((resolve, reject) => {
    const output = show ? 'inherit' : 'pipe'
    // npm is a .cmd file on Windows, and those only start through a shell.
    const shell = process.platform === 'win32' && command === 'npm'
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', output, output] })
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))

    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill(), timeoutMs)
    // An interrupted npm puts things back before it goes, so it is waited for; a second signal does not wait.
    let ending
    const leave = (signal) => {
      if (ending !== undefined) process.exit(exitCodes[signal])
      ending = signal
      child.kill(signal)
    }
    process.on('SIGINT', leave)
    process.on('SIGTERM', leave)
    const settle = () => {
      clearTimeout(timer)
      process.off('SIGINT', leave)
      process.off('SIGTERM', leave)
    }

    child.on('error', (cause) => {
      settle()
      reject(new ToolError(`${command} could not be started: ${cause.message}`))
    })
    child.on('close', (code) => {
      settle()
      if (ending !== undefined) process.exit(exitCodes[ending])
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() })
    })
  })

/** Like `run`, but anything other than success is thrown, with what the tool said. */
export const runOrThrow = async (title, command, args, options) => {
  const { code, output } = await run(command, args, options)
  if (code !== 0) throw new ToolError(`${title} failed (exit code ${code}).`, { output })
  return output
}

/** Prints what went wrong and ends with the code the failure asks for. */
export const failAndExit = (error) => {
  if (!(error instanceof ToolError)) throw error
  if (error.output) process.stderr.write(`${error.output.trimEnd()}\n`)
  process.stderr.write(`${error.message}\n`)
  process.exit(error.exitCode)
}
