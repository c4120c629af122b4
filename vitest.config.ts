import { defineConfig } from 'vitest/config'

/** Faults whose tests measure, or hold the server to seconds: what else runs would be measured with them. */
const measured = ['02', '13', '14', '15', '16', '20', '26', '29', '31', '32'].map(
  (promise) => `test/faults/r-${promise}-*.test.ts`,
)

export default defineConfig({
  test: {
    // Native hashing and SQLite live in the process that loaded them: one process a file keeps files apart.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // servers that tests ask for, one of each kind for the whole run
    globalSetup: ['test/services/run.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/faults/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // killed servers and servers that start wait most of the time: two at once
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          exclude: measured,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // they load the machine or measure it, so each has it for itself
        extends: true,
        test: {
          name: 'measures',
          include: measured,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts'] },
  },
})
