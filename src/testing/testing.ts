export { createTestClock, type TestClock } from './clock.js'
export { createTestAuth, type TestAuth } from './test-auth.js'
