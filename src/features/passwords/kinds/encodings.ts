// Strict readers: each text has one spelling, so that a hash that was damaged is never taken for another.

/** Standard base64 with its padding. */
export const fromBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** Standard base64 without padding, as in PHC strings. */
export const fromBareBase64 = (text: string): Buffer | undefined =>
  fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))

/** The adapted base64 of passlib: bare, with a point in place of the plus. */
export const fromAdaptedBase64 = (text: string): Buffer | undefined =>
  text.includes('+') ? undefined : fromBareBase64(text.replaceAll('.', '+'))

/** Lower case, two digits to the byte. */
export const fromHex = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'hex')
  return bytes.toString('hex') === text ? bytes : undefined
}
