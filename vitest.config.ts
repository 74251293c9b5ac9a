import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'engine/**/*.test.ts',
      'cli/**/*.test.ts',
      'exercises/**/*.test.ts',
      'lessons/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    exclude: ['tests/browser/**', 'node_modules/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
})
