import { defineConfig } from 'vitest/config'

/** Where CI wants the machine-readable report; people read the terminal. */
const report = process.env.HEDGEROW_TEST_REPORT

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two-core machines run several processes per integration test; more files at once only makes them wait.
    maxWorkers: 2,
    reporters: report ? ['default', 'json'] : ['default'],
    ...(report ? { outputFile: { json: report } } : {}),
  },
})
