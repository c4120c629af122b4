export { createTestClock, type TestClock } from './clock.js'
export { type StandIn, startStandIn } from './stand-in/stand-in.js'
export { type StorePart, storeContract, type TestRunner } from './store-contract.js'
export { createTestAuth, type TestAuth } from './test-auth.js'
