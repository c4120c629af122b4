import { describe, expect, test } from 'vitest'
import { typesFor } from './types.js'

describe('the version of a server', () => {
  test.each([
    '8.0.17',
    '8.0.36-28',
    '8.4.3',
    '9.1.0',
    '10.11.0-MariaDB-1:10.11.0+maria~deb12',
    '10.11.14-MariaDB-0+deb12u2',
    '11.4.2-MariaDB-log',
    '5.5.5-10.11.9-MariaDB',
  ])('%s will do', (version) => {
    expect(() => typesFor(version)).not.toThrow()
  })

  test.each([
    ['5.7.44-log', 'MySQL older than 8.0.17'],
    ['8.0.16', 'MySQL older than 8.0.17'],
    ['10.6.18-MariaDB', 'MariaDB older than 10.11'],
    ['5.5.5-10.3.9-MariaDB', 'MariaDB older than 10.11'],
  ])('%s is refused', (version, sentence) => {
    expect(() => typesFor(version)).toThrow(sentence)
  })
})
