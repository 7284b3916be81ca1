import js from '@eslint/js'
import { globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { disablesNeedReasons } from './scripts/eslint-disable-reason.js'
import { noCodeNames } from './scripts/eslint-no-code-names.js'

const moduleLevelLet = {
  selector:
    'Program > VariableDeclaration[kind="let"], ExportNamedDeclaration > VariableDeclaration[kind="let"]',
  message:
    'State belongs into a factory: a module-level `let` is shared by everything in the process.',
}

const environment = {
  object: 'process',
  property: 'env',
  message: 'Only src/config/load.ts reads the environment; take a setting of the config instead.',
}

export default tseslint.config(
  globalIgnores(['**/dist/', '**/dist-types/', '.cache/', 'coverage/', 'reports/', 'data/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
  },
  js.configs.recommended,
  {
    plugins: {
      uzima: {
        rules: { 'disables-need-reasons': disablesNeedReasons, 'no-code-names': noCodeNames },
      },
    },
    rules: {
      'uzima/disables-need-reasons': 'error',
      // Hoisting hides in which order a file runs; and there is one style to read.
      'func-style': ['error', 'expression'],
      'prefer-arrow-callback': 'error',
      // Refusing control characters is what many of our patterns are for.
      'no-control-regex': 'off',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        // tsconfig.test.json holds the server with its tests, which the project service does not look for.
        project: ['./tsconfig.test.json', './packages/*/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `noPropertyAccessFromIndexSignature` of the compiler asks for the opposite.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
      // A callback that only calls is as clear without braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Tokens and codes are ASCII; where text of people is cut, use Intl.Segmenter.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Type parameters document what a caller claims of its own SQL or JSON.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'packages/*/src/**/*.{ts,tsx}'],
    rules: { 'no-console': 'error', 'no-restricted-syntax': ['error', moduleLevelLet] },
  },
  {
    files: ['src/**/*.ts', 'packages/*/src/**/*.{ts,tsx}', 'examples/**/*.{ts,tsx,js}'],
    rules: { 'uzima/no-code-names': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', environment] },
  },
  { files: ['src/config/load.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['src/cli.ts', 'src/commands/**/*.ts'], rules: { 'no-console': 'off' } },
  // The façade that the usage examples import; everything else takes a Publisher.
  { files: ['src/services/realtime.service.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['{test,e2e,benchmarks}/**/*.ts', 'packages/*/test/**/*.{ts,tsx}'],
    rules: {
      // Fakes and malformed input need what the compiler would refuse.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // No compiler project of ours holds these: the bundler or tsx runs them as they are.
  {
    files: ['packages/*/*.ts', 'examples/nestjs-backend/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      // A module of Nest is what its decorator says.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
    },
    languageOptions: { parserOptions: { project: false } },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        fetch: 'readonly',
        module: 'writable',
        process: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
      },
    },
  },
)
