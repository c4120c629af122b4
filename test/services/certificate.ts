import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './account.js'
import { runToEnd } from './program.js'

/**
 * Makes `server.key` and `server.crt` for 127.0.0.1 and localhost in a folder, signed by an authority that nobody else
 * knows, and answers with the file of the authority's certificate.
 */
export const makeCertificate = async (
  folder: string,
  account: Account | undefined,
): Promise<string> => {
  const at = (name: string) => join(folder, name)
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const authority = [
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=latchkey tests',
    '-addext',
    'keyUsage=keyCertSign',
  ]
  await runToEnd([
    'openssl',
    ...request,
    ...authority,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
  ])
  const server = ['-subj', '/CN=localhost', '-keyout', at('server.key'), '-out', at('server.csr')]
  await runToEnd(['openssl', ...request, ...server])
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-set_serial', '1', '-days', '2']
  const files = ['-in', at('server.csr'), '-out', at('server.crt'), '-extfile', at('names')]
  await runToEnd(['openssl', 'x509', '-req', ...signed, ...files])
  for (const name of ['server.key', 'server.crt', 'ca.crt']) {
    if (account !== undefined) chownSync(at(name), account.uid, account.gid)
  }
  chmodSync(at('server.key'), 0o600)
  chmodSync(at('server.crt'), 0o644)
  return at('ca.crt')
}
