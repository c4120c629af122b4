export { createTestClock, type TestClock } from './clock.js'
export { type OpenIdClient, type OpenIdProvider, startOpenIdProvider } from './openid-provider.js'
export type {
  Answer,
  IdTokenParts,
  IdTokenTwist,
  KeyRotation,
  Question,
} from './stand-in/look.js'
export type { StandInPerson } from './stand-in/people.js'
export { type ProviderName, type StandIn, startStandIn, type Twist } from './stand-in/stand-in.js'
export { type StorePart, storeContract, type TestRunner } from './store-contract.js'
export { createTestAuth, type TestAuth } from './test-auth.js'
