import type { Connection, ConnectionConfiguration, Request } from 'tedious'
import { trusted } from '../../../lib/trusted.js'
import { loadDriver } from '../../driver.js'
import type { Query } from '../dialect.js'
import type { SqlAddress } from '../url.js'
import { encryptedSocket } from './encrypted-socket.js'
import { withNumbers } from './faults.js'

/** One connection to SQL Server. What is asked while another question is open waits for its answer. */
export type Session = {
  ask<Row>(query: Query<Row>): Promise<Row[]>
  /** Not once the server or the network has ended it. */
  isOpen(): boolean
  close(): void
}

/** Opens a session. A patient one waits for its answers without an end. */
export type OpenSession = (manner: { isPatient: boolean }) => Promise<Session>

type Module = typeof import('tedious')

export const tediousSessions = (address: SqlAddress): OpenSession => {
  const tedious = loadDriver<Module>('tedious')
  return ({ isPatient }) =>
    new Promise((resolve, reject) => {
      const connection = new tedious.Connection(configOf(address, isPatient))
      const numbers: number[] = []
      const note = ({ number }: { number: number }) => numbers.push(number)
      // the driver's own time-out ends where the login begins
      const deadline = setTimeout(() => {
        connection.close()
        reject(new tedious.ConnectionError('The login was not answered in time', 'ETIMEOUT'))
      }, address.timeoutMilliseconds + 50)
      connection.on('errorMessage', note)
      connection.on('error', () => {}) // a lost connection is told by 'end', and to whoever asks
      connection.connect((error) => {
        clearTimeout(deadline)
        connection.removeListener('errorMessage', note)
        // the driver keeps the words of a refused login, but not its number
        if (error) reject(withNumbers(error, numbers))
        else resolve(sessionOn(connection, tedious))
      })
    })
}

/** How long the driver waits for the server to confirm that it gave up a question that took too long. */
const cancelMilliseconds = 250

const configOf = (address: SqlAddress, isPatient: boolean): ConnectionConfiguration => ({
  server: address.host,
  authentication: {
    type: 'default',
    options: { userName: address.user, password: address.password },
  },
  options: {
    port: address.port,
    database: address.database,
    appName: 'latchkey',
    connectTimeout: address.timeoutMilliseconds,
    requestTimeout: isPatient ? 0 : address.timeoutMilliseconds,
    cancelTimeout: cancelMilliseconds,
    maxRetriesOnTransientErrors: 0, // whoever asks is told within seconds, and asks again
    // a statement that fails ends alone; what ends more than itself is noticed by the driver
    abortTransactionOnError: false,
    encrypt: address.tls !== undefined,
    ...(address.tls !== undefined && {
      trustServerCertificate: !address.tls.rejectUnauthorized,
      cryptoCredentialsDetails: certificatesOf(address.tls),
      connector: encryptedSocket(address),
    }),
  },
})

const certificatesOf = ({ ca, cert, key }: NonNullable<SqlAddress['tls']>) => ({
  ...(ca !== undefined && { ca }),
  ...(cert !== undefined && { cert }),
  ...(key !== undefined && { key }),
})

const sessionOn = (connection: Connection, tedious: Module): Session => {
  let isOpen = true
  let last: Promise<unknown> = Promise.resolve()
  connection.once('end', () => {
    isOpen = false
  })
  return {
    ask: <Row>(query: Query<Row>) => {
      const answer = last.then(() => askOne<Row>(connection, tedious, query))
      last = answer.catch(() => {})
      return answer
    },
    isOpen: () => isOpen,
    close: () => {
      isOpen = false
      connection.close()
    },
  }
}

type Cell = { metadata: { colName: string; type: { name: string } }; value: unknown }

const askOne = <Row>(
  connection: Connection,
  { Request, TYPES }: Module,
  { sql, parameters }: Query<Row>,
): Promise<Row[]> =>
  new Promise((resolve, reject) => {
    const rows: Row[] = []
    const request = new Request(sql, (error) => {
      if (error) reject(error)
      else resolve(rows)
    })
    for (const [index, value] of parameters.entries()) {
      addParameter(request, TYPES, String(index + 1), value)
    }
    request.on('row', (cells: Cell[]) => {
      rows.push(trusted<Row>(Object.fromEntries(cells.map(readCell))))
    })
    // transactions begin and end in batches: what is given parameters runs as a procedure, which must leave them as they were
    if (parameters.length === 0) connection.execSqlBatch(request)
    else connection.execSql(request)
  })

/** Always the same lengths and widths: each combination of them would be a plan of its own on the server. */
const addParameter = (
  request: Request,
  { NVarChar, VarBinary, Bit, Float, BigInt: Whole }: Module['TYPES'],
  name: string,
  value: unknown,
): void => {
  if (typeof value === 'bigint' || Number.isInteger(value)) request.addParameter(name, Whole, value)
  else if (typeof value === 'number') request.addParameter(name, Float, value)
  else if (typeof value === 'boolean') request.addParameter(name, Bit, value)
  else if (Buffer.isBuffer(value)) request.addParameter(name, VarBinary, value)
  else if (value === null) request.addParameter(name, NVarChar, null, { length: widest })
  else if (typeof value === 'string') {
    request.addParameter(name, NVarChar, value, { length: Math.max(value.length, widest) })
  } else throw new TypeError(`A ${typeof value} cannot be a parameter`)
}

/** What is longer is sent as nvarchar(max). */
const widest = 4000

/** As text, as the driver gives them, they would be compared as text. */
const readCell = ({ metadata: { colName, type }, value }: Cell): [string, unknown] => [
  colName,
  typeof value === 'string' && /^(?:BigInt|IntN)$/.test(type.name) ? wholeNumber(value) : value,
]

const wholeNumber = (text: string): number | bigint =>
  Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
