import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Imports point one way: commands → runs → core → registry → provider-kit ← plugins. See ARCHITECTURE.md. */
const HOST_LAYERS = {
  failure: [],
  text: [],
  registry: ['failure'],
  schema: ['failure'],
  rows: ['failure', 'text'],
  core: ['registry', 'schema', 'rows', 'failure'],
  runs: ['core', 'registry', 'schema', 'rows', 'failure'],
  // Only the terminal's side of the house may know the terminal.
  ui: ['runs', 'core', 'registry', 'failure', 'cli', 'text'],
  cli: ['ui', 'core', 'registry', 'schema', 'rows', 'failure', 'runs', 'text'],
  commands: ['cli', 'ui', 'runs', 'core', 'registry', 'schema', 'rows', 'failure', 'text'],
};
const LAYERS = Object.keys(HOST_LAYERS);
/** Layers that never talk to oclif or to the terminal. */
const QUIET = ['failure', 'text', 'registry', 'schema', 'rows', 'core', 'runs'];

const layerRules = LAYERS.map((layer) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...LAYERS.filter((other) => other !== layer && !HOST_LAYERS[layer].includes(other)).map(
            (other) => ({
              group: [`**/${other}/*`, `!@instructor-cli/**`],
              message: `${layer}/ may not import ${other}/: see ARCHITECTURE.md`,
            }),
          ),
          {
            group: ['@instructor-cli/openai', '@instructor-cli/anthropic', '@instructor-cli/sandbox'],
            message: 'The host knows no provider.',
          },
          ...(QUIET.includes(layer)
            ? [{ group: ['@oclif/*'], message: `${layer}/ knows no command line` }]
            : []),
          // Start-up: what is heavy is imported inside the function that needs it.
          {
            group: [
              'zod',
              'zod/*',
              'ora',
              'ajv',
              'ajv/*',
              'jiti',
              'csv-stringify',
              'csv-stringify/*',
              'csv-parse',
              'hyparquet',
              'hyparquet/*',
              'hyparquet-*',
              'log-update',
              'liquidjs',
              'gpt-tokenizer',
              'gpt-tokenizer/**',
            ],
            allowTypeImports: true,
            message: 'Import it inside the function that needs it.',
          },
        ],
      },
    ],
    ...(QUIET.includes(layer)
      ? {
          'no-console': 'error',
          'no-restricted-properties': [
            'error',
            { object: 'process', property: 'exit', message: 'Throw instead.' },
            { object: 'process', property: 'exitCode', message: 'Commands decide the exit code.' },
          ],
        }
      : {}),
  },
}));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './test/tsconfig.json', './plugins/*/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Index signatures are read with brackets, which the compiler asks for.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/require-await': 'off',
      // An empty text is often as good as none.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  ...layerRules,
  {
    // The command-line side speaks to the terminal by its own functions.
    files: ['src/**/*.ts', 'plugins/*/src/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['plugins/{provider-kit,openai,anthropic}/src/**/*.ts'],
    // The one file of a provider that names its SDK, loaded with the first call.
    ignores: ['plugins/*/src/sdk.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['instructor-cli', 'instructor-cli/*', '@oclif/*'],
              message: 'A provider knows the kit alone.',
            },
            { group: ['**/src/**'], message: 'Import packages by their names.' },
            {
              group: ['openai', '@anthropic-ai/sdk'],
              allowTypeImports: true,
              message: 'Load the SDK with the first call.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: {
      // chai asserts by property access.
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['bin/*.js', '**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', __dirname: 'readonly', console: 'readonly', process: 'readonly' },
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
        URLSearchParams: 'readonly',
        AbortController: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        AbortSignal: 'readonly',
        Headers: 'readonly',
        Response: 'readonly',
        TextDecoder: 'readonly',
        TextDecoderStream: 'readonly',
      },
    },
  },
);
