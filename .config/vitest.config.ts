import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The private condition comes first, so imports between the packages resolve to `src`: tests need no build,
// and a stack trace points at the line that was written. The others are what Node itself would use.
const conditions = ['@holdfast/source', 'module', 'node', 'development|production']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['test/properties.ts'],
    pool: 'forks',
    // Most tests keep one core busy; on two, the default of one less than there are would leave the other idle.
    maxWorkers: '100%',
    // Tests wait on events, never on time; this only ends what hangs, also where two cores are shared by many.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [/[\\/](packages|apps)[\\/]/] } },
  },
})
