import { execFile } from 'node:child_process'

/**
 * A command of a document, run by bash as it stands there. What the document leaves to the reader is put in, and the
 * address of the server of the test in place of the one it names.
 */
export const runCurl = (
  command: string,
  {
    fill = {},
    document,
    origin,
  }: {
    fill?: Readonly<Record<string, string>>
    document: string
    origin: string
  },
): Promise<{ status: number; json: unknown; cookies: string[] }> => {
  let line = command.trim().replaceAll(document, origin)
  for (const [gap, value] of Object.entries(fill)) line = line.replaceAll(gap, value)
  // the answer as it came: nothing is added to the command but how curl shows it
  const shown = line.replace(/^curl /, 'curl --silent --show-error --include ')
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', shown], (error, stdout) => {
      if (error) {
        reject(error)
        return
      }
      const end = stdout.indexOf('\r\n\r\n')
      const [first = '', ...lines] = stdout.slice(0, end).split('\r\n')
      resolve({
        status: Number(first.split(' ')[1]),
        json: JSON.parse(stdout.slice(end + 4)),
        cookies: lines.flatMap((text) => /^set-cookie: (.*)$/i.exec(text)?.[1] ?? []),
      })
    })
  })
}
