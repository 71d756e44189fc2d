import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kafka/global-setup.ts'],
    testTimeout: 60_000,
    // The first broker of a checkout fetches its libraries.
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
