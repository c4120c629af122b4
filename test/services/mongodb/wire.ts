import { type Document, deserialize, serialize } from 'bson'

/** The wire protocol of MongoDB, as much of it as the official driver speaks: OP_MSG, and OP_QUERY for its first hello. */
export type Message = { requestId: number; isLegacy: boolean; command: Document }

const opReply = 1
const opQuery = 2004
const opMsg = 2013

/** Cuts what arrives on a socket into messages. */
export const createFramer = (): ((chunk: Buffer) => Buffer[]) => {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const frames: Buffer[] = []
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0)
      frames.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return frames
  }
}

export const readMessage = (frame: Buffer): Message => {
  const requestId = frame.readInt32LE(4)
  const operation = frame.readInt32LE(12)
  if (operation === opMsg) return { requestId, isLegacy: false, command: readSections(frame) }
  if (operation !== opQuery) throw new Error(`The gateway does not know operation ${operation}`)
  const start = frame.indexOf(0, 20) + 1 + 8 // behind the flags, the name, and what to skip and return
  return { requestId, isLegacy: true, command: parse(frame.subarray(start)) }
}

/** A document, and sequences of documents that are members of it. */
const readSections = (frame: Buffer): Document => {
  const hasChecksum = (frame.readInt32LE(16) & 1) === 1
  const end = frame.length - (hasChecksum ? 4 : 0)
  const command: Document = {}
  let at = 20
  while (at < end) {
    const kind = frame[at]
    at += 1
    const size = frame.readInt32LE(at)
    const section = frame.subarray(at, at + size)
    if (kind === 0) Object.assign(command, parse(section))
    else Object.assign(command, readSequence(section))
    at += size
  }
  return command
}

const readSequence = (section: Buffer): Document => {
  const end = section.indexOf(0, 4)
  const documents: Document[] = []
  let at = end + 1
  while (at < section.length) {
    const size = section.readInt32LE(at)
    documents.push(parse(section.subarray(at, at + size)))
    at += size
  }
  return { [section.toString('utf8', 4, end)]: documents }
}

/** Numbers keep their types, so that what is handed on is what was sent. */
export const parse = (bytes: Buffer): Document => deserialize(bytes, { promoteValues: false })

export const writeReply = ({ requestId, isLegacy }: Message, reply: Document): Buffer => {
  const document = serialize(reply)
  const head = Buffer.alloc(isLegacy ? 36 : 21)
  head.writeInt32LE(head.length + document.length, 0)
  head.writeInt32LE(requestId, 8)
  head.writeInt32LE(isLegacy ? opReply : opMsg, 12)
  if (isLegacy) head.writeInt32LE(1, 32) // one document follows
  return Buffer.concat([head, document])
}
