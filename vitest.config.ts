import { defineConfig } from 'vitest/config'

const test = {
  testTimeout: 60_000,
  // The first broker of a checkout fetches its libraries.
  hookTimeout: 180_000,
  pool: 'forks' as const,
  setupFiles: ['test/clean-up-setup.ts'],
}
/** These share a process with the ones before them: starting one for each file took a third of their time. */
const shared = ['core', 'schemas', 'services', 'dataflow/operators', 'dataflow/embedded'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
)

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...test, name: 'functions', include: shared, isolate: false } },
      {
        test: {
          ...test,
          name: 'processes',
          include: ['test/**/*.test.ts'],
          exclude: shared,
          globalSetup: ['test/kafka/global-setup.ts'],
        },
      },
    ],
  },
})
