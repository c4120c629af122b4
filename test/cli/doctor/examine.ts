import { runJson, type Variables } from '../command.js'

/** doctor, as programs read it. */
export type Check = { name: string; status: string; detail: string; remedy?: string }

export const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
export const otherSecret = 'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE'

/** Nobody listens on port 0, so what else runs on this machine does not matter. */
export const examine = async (folder: string, variables: Variables = {}) => {
  const { code, json } = await runJson(folder, ['doctor'], { PORT: '0', ...variables })
  const checks: Check[] = json.checks ?? []
  const found = (status: string) => checks.filter((check) => check.status === status)
  return { code, ok: json.ok, checks, warnings: found('warning'), problems: found('problem') }
}
