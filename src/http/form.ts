import { AuthError } from '../errors.js'
import { parametersOf } from './query.js'

/** A form as its parameters (URL standard, application/x-www-form-urlencoded); each may come once. @throws AuthError `malformed_request` */
export const parseForm = (bytes: Uint8Array): object => {
  const { parameters, faults } = parametersOf(textOf(bytes), bytes.length)
  if (faults.length > 0) throw new AuthError('malformed_request')
  return parameters
}

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new AuthError('malformed_request', { cause: error })
  }
}
