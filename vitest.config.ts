import { defineConfig } from 'vitest/config'

/** Faults whose tests measure, or hold the server to seconds: what else runs would be measured with them. */
const measured = ['02', '13', '14', '15', '16', '20', '26', '29', '31', '32'].map(
  (promise) => `test/faults/r-${promise}-*.test.ts`,
)

/** Rules, tried in memory for the most part: what they start ends with them. */
const rules = [
  ...['lib', 'features', 'http', 'server'].map((folder) => `src/${folder}/**/*.test.ts`),
  ...['attacks', 'hashes', 'oauth', 'profiles', 'types'].map(
    (folder) => `test/${folder}/**/*.test.ts`,
  ),
  'src/testing/**/*.test.ts',
  'test/hosts/!(examples).test.ts',
  'test/journeys/move-in-*.test.ts',
]

export default defineConfig({
  test: {
    // Native hashing and SQLite live in the process that loaded them: one process a file keeps files apart.
    pool: 'forks',
    // only for what hangs: times that are promised stand in the tests themselves
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // servers that tests ask for, one of each kind for the whole run
    globalSetup: ['test/services/run.ts'],
    projects: [
      {
        // one process for many files: loading the same again for each took longer than many of them
        extends: true,
        test: {
          name: 'rules',
          include: rules,
          isolate: false,
          setupFiles: ['test/end-threads.ts'],
          restoreMocks: true,
          unstubEnvs: true,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // a third of their time they wait, for a command or for a server that does not answer: one more than cores
        extends: true,
        test: {
          name: 'rooms',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/faults/**', ...rules],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // killed servers and servers that start wait most of the time
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          exclude: measured,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // they load the machine or measure it, so each has it for itself
        extends: true,
        test: {
          name: 'measures',
          include: measured,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts'] },
  },
})
