import type { ServiceKind } from '../../scripts/find-services.mjs'
import { kinds } from './kinds.js'
import type { Login, Started } from './service.js'

/** Servers that live as long as a test run: one of each kind, started when it is first asked for. */
export const createSharedServers = () => {
  const servers = new Map<ServiceKind, Promise<Started>>()

  const open = async (kind: ServiceKind): Promise<Login> => {
    const starting =
      servers.get(kind) ?? kinds[kind].start({ durable: false, tls: false, settings: {} })
    servers.set(kind, starting)
    const { url, adminUrl } = await starting
    return { url, adminUrl }
  }

  const stop = async (): Promise<void> => {
    await Promise.allSettled([...servers.values()].map(stopOne))
    servers.clear()
  }

  return { open, stop }
}

const stopOne = async (starting: Promise<Started>): Promise<void> => {
  const { program, remove } = await starting
  await program.stop('immediate')
  await remove()
}
