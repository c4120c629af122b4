/** Resolves when the event loop has been round. */
export const nextTurn = (): Promise<void> => new Promise((done) => setImmediate(done))
