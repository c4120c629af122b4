/** Whether a name means the machine that it is used on. */
export const isLocalHost = (name: string): boolean =>
  name === 'localhost' || name === '::1' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name)
