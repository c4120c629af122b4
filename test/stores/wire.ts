import { connect, createServer, type Socket } from 'node:net'

/** What was said on the way to a server: how often somebody waited for an answer, and how many transactions were begun. */
export type Said = { trips: number; transactions: number }

/** A way to a server that counts. It knows no protocol: a burst that is answered is a round trip. */
export type Wire = {
  /** The same address, by this way. */
  url: string
  /** All that was said so far, or since then. */
  said(since?: Said): Said
  close(): void
}

const begins = /\bbegin\b|startTransaction/g

/** What a driver asks of its own, by itself, is nobody's round trip. */
const isOfTheDriver = (words: string): boolean => /\b(hello|isMaster|endSessions)\b/i.test(words)

/** @param wayMilliseconds so long answers take, as over a real network: what is sent meanwhile belongs to the same burst */
export const openWire = async (url: string, wayMilliseconds: number): Promise<Wire> => {
  const { hostname, port, host } = new URL(url)
  const sockets = new Set<Socket>()
  const said = { trips: 0, transactions: 0 }

  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    let isAnswered = true
    near.setNoDelay()
    far.setNoDelay()
    near.on('data', (bytes) => {
      const words = bytes.toString('latin1')
      if (isAnswered && !isOfTheDriver(words)) said.trips += 1
      isAnswered = false
      said.transactions += words.match(begins)?.length ?? 0
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      setTimeout(() => {
        isAnswered = true
        near.write(bytes)
      }, wayMilliseconds)
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        other.destroy()
        sockets.delete(one)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const ownPort = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: url.replace(host, `127.0.0.1:${ownPort}`),
    said: (since = { trips: 0, transactions: 0 }) => ({
      trips: said.trips - since.trips,
      transactions: said.transactions - since.transactions,
    }),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
