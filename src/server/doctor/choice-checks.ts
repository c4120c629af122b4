import { type Check, startWarnings, unless } from './check.js'

/** Choices that have a price, and are no mistakes. */
export const choiceChecks: readonly Check[] = [
  {
    name: 'pages',
    looksAt: 'whether the documentation and the try-it page are open in production',
    mend: 'Remove DOCS',
    run: (patient) => unless(startWarnings(patient, 'pages'), 'nothing against them'),
  },
  {
    name: 'log',
    looksAt: 'whether alerts are written at all',
    mend: 'Set LOG_LEVEL=warn or info',
    run: (patient) => unless(startWarnings(patient, 'log'), 'nothing against it'),
  },
]
