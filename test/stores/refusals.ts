import { expect, onTestFinished } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import type { Store } from '../../src/stores/store.js'

/** A store that is closed when the test has ended. */
export const openStore = (url: string): Store => {
  const store = sqlStore(url)
  onTestFinished(() => store.close())
  return store
}

/** The sentence a start ends with. It never holds what is secret. */
export const refusalOf = async (url: string): Promise<string> => {
  const error: unknown = await openStore(url)
    .migrate()
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConfigurationError)
  const sentence = error instanceof ConfigurationError ? error.message : ''
  expect(sentence).not.toContain(decodeURIComponent(new URL(url).password))
  return sentence
}

/** The same URL in other words. */
export const changed = (url: string, change: Partial<URL>): string =>
  Object.assign(new URL(url), change).href
