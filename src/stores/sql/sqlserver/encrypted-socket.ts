import { connect, type Socket } from 'node:net'
import type { SqlAddress } from '../url.js'

/**
 * Opens connections on which nothing but encryption will do. A server may answer the first packet with "I cannot
 * encrypt", and the driver would go on in the clear with the password; whoever stands in between could say so for it.
 */
export const encryptedSocket =
  ({ host, port, timeoutMilliseconds }: SqlAddress) =>
  // Azure sends on to other hosts, and the driver then names them
  (to: { host?: string; port?: number } = {}): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: to.host ?? host, port: to.port ?? port, noDelay: true })
      const giveUp = setTimeout(() => {
        socket.destroy(new Error(`no connection in ${timeoutMilliseconds} ms`))
      }, timeoutMilliseconds)
      socket.once('error', reject)
      socket.once('connect', () => {
        clearTimeout(giveUp)
        socket.removeListener('error', reject)
        refuseClearText(socket)
        resolve(socket)
      })
      socket.once('close', () => clearTimeout(giveUp))
    })

export const clearTextCode = 'ECLEARTEXT'

const refuseClearText = (socket: Socket): void => {
  let answer = Buffer.alloc(0)
  const look = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk])
    if (answer.length < headerBytes || answer.length < answer.readUInt16BE(2)) return
    socket.removeListener('data', look)
    if (promisesEncryption(answer)) return
    socket.destroy(Object.assign(new Error('no encryption'), { code: clearTextCode }))
  }
  socket.on('data', look)
}

const headerBytes = 8

/** The answer to PRELOGIN: a table of options, among them what the server will encrypt ([MS-TDS] 2.2.6.5). */
const promisesEncryption = (answer: Buffer): boolean => {
  for (let at = headerBytes; at + 5 <= answer.length && answer[at] !== 0xff; at += 5) {
    if (answer[at] !== encryptionOption) continue
    return [encryptsAll, demandsEncryption].includes(
      answer[headerBytes + answer.readUInt16BE(at + 1)] ?? -1,
    )
  }
  return false
}

const encryptionOption = 1
const encryptsAll = 1
const demandsEncryption = 3
