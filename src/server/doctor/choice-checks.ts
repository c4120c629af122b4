import { type Check, type Patient, startWarnings, unless } from './check.js'

/** Choices that have a price, and are no mistakes. */
export const choiceChecks: readonly Check[] = [
  {
    name: 'providers',
    looksAt:
      'whether every login provider is set up whole, and browsers have a page to come back to',
    mend: 'Set what is missing of GOOGLE_CLIENT_ID and its like; set FRONTEND_URL',
    run: (patient) => unless(startWarnings(patient, 'providers'), whichProviders(patient)),
  },
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

const whichProviders = ({ settings: { auth } }: Patient): string => {
  const names = (auth.oauth?.providers ?? []).map(({ name }) => name)
  return names.length === 0 ? 'none are set up' : `set up: ${names.join(', ')}`
}
