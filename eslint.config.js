import vue from 'eslint-plugin-vue';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import vueParser from 'vue-eslint-parser';
import { throughUnknown } from './scripts/eslint/casts.js';
import { freshRows } from './scripts/eslint/fresh-rows.js';
import { importDirection } from './scripts/eslint/import-direction.js';
import { moduleState } from './scripts/eslint/module-state.js';
import { terminalText } from './scripts/eslint/terminal-text.js';

const SOURCES = ['**/*.{ts,js,mjs,vue}'];

export default defineConfig(
  { ignores: ['node_modules/', 'out/', 'coverage/', '.cache/', 'test/fixtures/'] },
  {
    files: SOURCES,
    extends: [tseslint.configs.recommended],
    plugins: {
      pfnlab: {
        rules: {
          'fresh-rows': freshRows,
          'import-direction': importDirection,
          'module-state': moduleState,
          'terminal-text': terminalText,
        },
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'pfnlab/import-direction': 'error',
      'max-lines': ['error', { max: 400 }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
    },
  },
  {
    files: ['src/**/*.vue'],
    extends: [vue.configs['flat/essential']],
    languageOptions: {
      parser: vueParser,
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] },
    },
    rules: {
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    rules: { 'no-restricted-syntax': ['error', throughUnknown] },
  },
  {
    // A promise nobody waits for loses its error, and with it the user's work.
    files: ['src/main/**/*.ts'],
    languageOptions: {
      parserOptions: { project: './tsconfig.main.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['src/main/**/*.ts'],
    ignores: ['src/main/shells/output.ts'],
    rules: { 'pfnlab/terminal-text': 'error' },
  },
  {
    // A run is a function of the lab file, the schedule and the plugin versions alone.
    files: ['src/main/engine/**/*.ts', 'src/shared/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'The engine has no clock.' },
        { name: 'performance', message: 'The engine has no clock.' },
        { name: 'setTimeout', message: 'The engine has no clock.' },
        { name: 'process', message: 'The engine knows no host.' },
        { name: 'globalThis', message: 'The engine knows no host.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A run must repeat exactly.' },
      ],
      'no-restricted-syntax': [
        'error',
        throughUnknown,
        { selector: 'AwaitExpression', message: 'The engine is synchronous.' },
      ],
    },
  },
  {
    files: ['src/main/engine/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'pfnlab/fresh-rows': 'error',
      'pfnlab/module-state': 'error',
    },
  },
);
