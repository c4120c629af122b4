import type { ServiceKind } from '../../scripts/find-services.mjs'
import { mongodb } from './mongodb.js'
import { mssql } from './mssql.js'
import { mysql } from './mysql.js'
import { postgres } from './postgres.js'
import { redis } from './redis.js'
import type { Kind } from './service.js'

export const kinds: Readonly<Record<ServiceKind, Kind>> = {
  postgres,
  mysql,
  redis,
  mongodb,
  mssql,
}
