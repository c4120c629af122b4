/** Has something done when the test that is running has ended. Outside of vitest or of a test, nothing is. */
export const afterThisTest = async (work: () => Promise<void>): Promise<void> => {
  if (process.env.VITEST === undefined) return
  const { onTestFinished, TestRunner } = await import('vitest')
  const test = TestRunner.getCurrentTest()
  // Of tests that run at the same time nobody can tell which one has asked.
  if (test === undefined || test.concurrent) return
  // A server that a fault test has ended has nothing left to remove.
  onTestFinished(() => work().catch(() => {}))
}
