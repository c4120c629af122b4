import type { Kind } from './service.js'

const absent = () =>
  Promise.reject(new Error('The gateway in front of DocumentDB is not built in yet'))

export const mongodb: Kind = { start: absent, version: absent, create: absent, drop: absent }
