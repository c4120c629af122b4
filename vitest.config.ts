import { defineConfig } from 'vitest/config'

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
        // they load the machine or measure it, so each has it for itself
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts'] },
  },
})
