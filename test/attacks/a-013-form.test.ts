import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  compact,
  encode,
  json,
  type Opened,
  open,
  ownSigner,
  type Signer,
  signed,
} from './forge.js'
import { expectHealthy, expectUselessToken, modes, startTarget, type Target } from './target.js'

/** only the one plain spelling of a signed token is a token. */
describe.each(modes)(
  'tokens of another form, signed with the real key ($mode)',
  ({ mode, options }) => {
    let target: Target
    let real: Opened
    let token: string
    let sign: Signer

    beforeAll(async () => {
      target = await startTarget(options)
      token = (await target.signIn()).access
      real = open(token)
      sign = await ownSigner(target, mode)
    })
    afterAll(() => target.close())

    const refuse = async (forged: readonly string[]): Promise<void> => {
      for (const one of forged) await expectUselessToken(target, one)
      await expectHealthy(target)
    }
    const withHeader = (change: object): string =>
      compact({ ...real.header, ...change }, real.payload, sign)

    test('A-013 critical extensions, known, unknown, empty or absent', async () => {
      const lists = [
        ['unknown'],
        [],
        '',
        'exp',
        ['exp'],
        ['alg'],
        ['b64'],
        ['http://example.com/a'],
        null,
        {},
        [1],
      ]
      await refuse([
        ...lists.map((crit) => withHeader({ crit })),
        withHeader({ crit: ['a'], a: 1 }),
        withHeader({ crit: ['exp'], exp: 1 }),
      ])
    })

    test('A-014 payloads that are not encoded', async () => {
      await refuse([
        withHeader({ b64: false }),
        withHeader({ b64: false, crit: ['b64'] }),
        withHeader({ b64: true, crit: ['b64'] }),
        signed(
          json({ ...real.header, b64: false, crit: ['b64'] }),
          JSON.stringify(real.payload),
          sign,
        ),
      ])
    })

    test('A-016 and A-017 encrypted tokens are refused before anything is computed', async () => {
      const bomb = encode(deflateRawSync(Buffer.alloc(10_000_000)).subarray(0, 5_000))
      const [fourth, fifth] = [encode(Buffer.alloc(16)), encode(Buffer.alloc(16))]
      const headers = [
        { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 - 1, p2s: 'AAAA' },
        { alg: 'dir', enc: 'A128GCM', zip: 'DEF' },
        { alg: 'RSA-OAEP', enc: 'A128GCM' },
        { alg: 'RSA1_5', enc: 'A128CBC-HS256' },
        { alg: 'ECDH-ES', enc: 'A128GCM', epk: { kty: 'EC' } },
      ]
      const started = process.cpuUsage()
      await refuse(headers.map((header) => [json(header), fourth, fifth, bomb, fourth].join('.')))
      const { user } = process.cpuUsage(started)
      expect(user / 1000 / headers.length).toBeLessThan(100)
    })

    test('A-018 dots without end, huge parts, five parts: refused at once', async () => {
      const started = performance.now()
      await refuse([
        '.'.repeat(100_000),
        '.'.repeat(8_000),
        `${'a'.repeat(1_048_576)}.b.c`,
        `${real.parts[0]}.${'A'.repeat(1_048_576)}.${real.parts[2]}`,
        'a.b.c.d.e',
        'a.b.c.d',
        `${token}.`,
        `.${token}`,
        `${token}.${token}`,
        compact({ ...real.header, kid: 'x'.repeat(5_000) }, real.payload, sign),
        compact(real.header, { ...real.payload, filler: 'x'.repeat(9_000) }, sign),
      ])
      expect(performance.now() - started).toBeLessThan(2_000)
    })

    test('A-019 JSON serialisations, and compact tokens with JSON glued in', async () => {
      const [header, payload, signature] = real.parts
      const flat = { protected: header, payload, signature }
      await refuse([
        JSON.stringify(flat),
        JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
        `${JSON.stringify(flat)}.${payload}.${signature}`,
        `{"${header}.${payload}.${signature}":1}`,
        `${header}.{"sub":"x"}.${signature}`,
        encode(JSON.stringify(flat)),
      ])
    })

    test('A-020 one token has one spelling', async () => {
      const [header, payload, signature] = real.parts
      const bytes = Buffer.from(signature, 'base64url')
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const twins = [...alphabet]
        .map((sign) => signature.slice(0, -1) + sign)
        .filter((text) => text !== signature && Buffer.from(text, 'base64url').equals(bytes))
      expect(twins.length).toBeGreaterThan(0)
      await refuse([
        ...[
          `${token}=`,
          `${token}==`,
          `${header}=.${payload}.${signature}`,
          `${header}.${payload}=.${signature}`,
        ],
        ...[' ', '\t', '\n', '\r\n', '\u00a0', '\0', '%', '!', '\u2028'].flatMap((sign) => [
          `${header}.${payload}.${signature.slice(0, 9)}${sign}${signature.slice(9)}`,
          `${header}.${payload.slice(0, 9)}${sign}${payload.slice(9)}.${signature}`,
          `${token}${sign}`,
        ]),
        `${header}.${payload}.${Buffer.concat([bytes, bytes]).toString('base64').slice(0, 86)}`,
        ...twins.map((twin) => `${header}.${payload}.${twin}`),
      ])
    })

    test('A-020 space around a token belongs to the header, not to the token', async () => {
      await expect(target.auth.authenticate(` ${token}`)).rejects.toMatchObject({
        code: 'invalid_token',
      })
      await expect(target.auth.authenticate(`${token}\n`)).rejects.toMatchObject({
        code: 'invalid_token',
      })
    })

    test('A-026 payloads that are not one plain JSON object', async () => {
      const { header, payload } = real
      const text = JSON.stringify(payload)
      const head = json(header)
      const payloads = [
        ...[
          '[]',
          '"text"',
          '1',
          'null',
          'true',
          '',
          '{}',
          `[${text}]`,
          `${text}${text}`,
          `${text} x`,
        ],
        ...[
          `\uFEFF${text}`,
          `${text.slice(0, -1)},"sub":"${payload.sub}"}`,
          `{"sub":"x",${text.slice(1)}`,
        ],
        ...[
          `${text.slice(0, -1)},"\\u0073ub":"x"}`,
          `${text.slice(0, -1)},"__proto__":{"roles":["admin"]}}`,
        ],
        ...[
          `${text.slice(0, -1)},"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
          `${text.slice(0, -1)},}`,
        ],
        ...[`${text.slice(0, -1)},"a":NaN}`, `/**/${text}`, text.replaceAll('"', "'")],
      ].map((content) => encode(content))
      const raw = [
        Buffer.from(`\uFEFF${text}`, 'utf16le'),
        Buffer.from(text, 'utf16le'),
        Buffer.concat([
          Buffer.from(text.slice(0, -1)),
          Buffer.from(',"a":"'),
          Buffer.of(0xff),
          Buffer.from('"}'),
        ]),
        Buffer.concat([
          Buffer.from(text.slice(0, -1)),
          Buffer.from(',"a":"'),
          Buffer.of(0xc0, 0x80),
          Buffer.from('"}'),
        ]),
      ].map((bytes) => encode(bytes))
      await refuse([...payloads, ...raw].map((part) => signed(head, part, sign)))
    })

    test('A-026 headers that are not one plain JSON object', async () => {
      const text = JSON.stringify(real.header)
      const twice = `{"alg":"none",${text.slice(1)}`
      const headers = [
        '[]',
        'null',
        '"ES256"',
        '',
        text.slice(1),
        `\uFEFF${text}`,
        twice,
        `${text}\0`,
      ]
      await refuse(headers.map((header) => signed(encode(header), real.parts[1], sign)))
    })
  },
)
