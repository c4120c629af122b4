import { describe, expect, test } from 'vitest'
import { decodeBase64Url, equalBytes } from './bytes.js'

describe('base64url', () => {
  test.each([
    ['', ''],
    ['AA', '00'],
    ['-_8', 'fbff'],
    ['AAECAw', '00010203'],
  ])('%j is read', (text, hex) => {
    expect(decodeBase64Url(text)?.toString('hex')).toBe(hex)
  })

  test.each([
    ...['AA==', 'AA=', 'AB', 'AAF', 'A', '+/8', 'AA ', ' AA', 'A A', 'AA\n', 'AA.', 'AÄ', 'AA%3D'],
  ])('%j is not the one spelling of anything', (text) => {
    expect(decodeBase64Url(text)).toBeUndefined()
  })
})

describe('comparing bytes', () => {
  test.each([
    ['aa', 'aa', true],
    ['', '', true],
    ['aa', 'ab', false],
    ['aa', 'aaaa', false],
    ['', 'aa', false],
  ])('%s and %s: %s', (a, b, equal) => {
    expect(equalBytes(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))).toBe(equal)
  })
})
