import type { ServerSettings } from '../env.js'
import { type Asked, ask } from './ask.js'

/** The ways into a running server: straight to its port, and the public one through whatever stands in front. */
export type Doors = {
  /** Its address on this machine; undefined when PORT is 0. */
  local: Door | undefined
  /** BASE_URL, where that is another way in. */
  public: Door | undefined
}

export type Door = {
  url: string
  /** What /health answered. */
  health: Asked
  /** Whether latchkey answers there. */
  isOurs: boolean
}

export const findDoors = async ({ host, port, auth }: ServerSettings): Promise<Doors> => {
  const { baseUrl } = auth
  const isLocal = baseUrl === undefined || baseUrl === `http://localhost:${port}`
  const [local, open] = await Promise.all([
    port === 0 ? undefined : knock(`http://${localHost(host)}:${port}`),
    isLocal || !URL.canParse(baseUrl) ? undefined : knock(baseUrl),
  ])
  return { local, public: open }
}

/** Through the public door where there is one: what users meet. */
export const usersDoor = (doors: Doors): Door | undefined => {
  if (doors.public !== undefined) return doors.public.isOurs ? doors.public : undefined
  return doors.local?.isOurs ? doors.local : undefined
}

const knock = async (url: string): Promise<Door> => {
  const health = await ask(`${url}/health`)
  return { url, health, isOurs: health.outcome === 'answer' && health.body?.version !== undefined }
}

const localHost = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
