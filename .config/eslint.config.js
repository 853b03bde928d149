import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

// Above the authorities line time, randomness, storage, threads and the network arrive as arguments, so that
// the simulator and the replay can pass their own. A file that reaches for one of these breaks both.
const aboveTheLine = [
  'packages/kernel/src/**/*.ts',
  'packages/resilience/src/**/*.ts',
  'packages/journal/src/**/*.ts',
  'packages/threads/src/**/*.ts',
  'packages/replay/src/**/*.ts',
]
const belowTheLine = [
  'packages/kernel/src/authorities/**',
  'packages/journal/src/disk/**',
  'packages/threads/src/pool/**',
  'packages/threads/src/thread/**',
  'packages/threads/src/watchdog/**',
  'packages/threads/src/isolate/**',
  'packages/replay/src/disk/**',
  'packages/replay/src/traps/**',
  '**/*.test.ts',
  '**/*.test-d.ts',
  '**/*.fixture.ts',
]
const outsideNames = [
  'Date',
  'performance',
  'crypto',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'require',
]
const message = 'It belongs to the outside world: ask the authorities for it.'

/** The rules of the strict preset that cost more than they find here, and what is wanted on top of it. */
const judged = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowThrowingAny: false }],
  '@typescript-eslint/no-confusing-void-expression': 'off',
  // Hot paths index arrays they have just measured.
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/prefer-for-of': 'off',
  '@typescript-eslint/no-dynamic-delete': 'off',
  // A type parameter that is used once often documents the shape of a public function.
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  // Handlers and store methods are async by contract, also where one has nothing to wait for.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/no-empty-function': 'off',
  // In a generic signature `{}` means "nothing to add", and the public types say so on purpose.
  '@typescript-eslint/no-generated-empty-object-type': 'off',
  '@typescript-eslint/no-empty-object-type': ['error', { allowObjectTypes: 'always' }],
  '@typescript-eslint/no-this-alias': 'off',
  '@typescript-eslint/no-invalid-void-type': 'off',
  // Records come from disk, from other versions and from plain JavaScript: a test that the types call
  // needless is often the one that guards the edge.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  'no-restricted-syntax': [
    'error',
    {
      selector: 'ExportDefaultDeclaration',
      message: 'Named exports only; the exceptions are listed in the config.',
    },
  ],
  eqeqeq: 'error',
  'no-console': 'error',
  'prefer-const': 'error',
}

export default tseslint.config(
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    ignores: ['**/dist/**', '**/node_modules/**', '**/.turbo/**', '**/coverage/**', '.config/**', '**/*.js'],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: judged,
  },
  {
    files: aboveTheLine,
    ignores: belowTheLine,
    rules: {
      'no-restricted-globals': [
        'error',
        { globals: outsideNames.map((name) => ({ name, message })), checkGlobalObject: true },
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message }],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'fs', 'fs/*', 'worker_threads'], message }] },
      ],
    },
  },
  {
    files: ['packages/holdfast/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.test-d.ts'],
    rules: { 'no-restricted-properties': ['error', { object: 'Math', property: 'random', message }] },
  },
  {
    // The contract of a swarm file is its default export, and these folders hold or show swarm files.
    files: ['apps/**/*.ts', 'test/**/*.ts', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // The command line speaks through the console; benchmarks print, and so do the examples of the pages.
    files: ['apps/cli/src/**/*.ts', 'test/bench/**/*.ts', 'test/examples/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // Tests pass odd things on purpose and assert on methods without calling them.
    files: ['**/*.test.ts', '**/*.test-d.ts', '**/*.fixture.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
)
