import { ConfigurationError } from '../../errors.js'
import { bootWarnings } from '../boot-warnings.js'
import { type Effective, effectiveSettings } from '../effective-settings.js'
import type { ServerSettings } from '../env.js'
import { openStore } from '../server.js'
import { inspectSettings } from '../settings.js'
import { table } from './output.js'
import type { Verb } from './verb.js'

/** latchkey config check */
export const configCheck: Verb<{ database?: boolean }> = async ({ options, envFile, output }) => {
  const inspection = inspectSettings({ envFile })
  if (inspection.mistakes.length > 0) throw new ConfigurationError(inspection.mistakes)
  if (options.database) await openOnce(inspection.settings)
  const settings = effectiveSettings(inspection)
  const warnings = bootWarnings(inspection.settings).map(({ warning, detail, remedy }) => ({
    warning,
    detail,
    remedy,
  }))
  output.result({ ok: true, settings, warnings }, () =>
    [
      table(['SETTING', 'VALUE', 'FROM'], settings.map(cells), output.paint),
      '',
      ...warnings.map(
        ({ detail, remedy }) => `${output.paint('yellow', '!')} ${detail}. ${remedy}`,
      ),
      `${output.paint('green', '✓')} all settings can be used${options.database ? ', and the database opens' : ''}`,
    ].join('\n'),
  )
}

const cells = ({ setting, value, from, as }: Effective): string[] => [
  setting,
  value ?? '-',
  as === undefined ? from : `${from}: ${as}`,
]

const openOnce = async (settings: ServerSettings): Promise<void> => {
  const store = openStore(settings)
  try {
    for (const { ping } of store.places) await ping()
    await store.pendingMigrations()
  } finally {
    await store.close()
  }
}
