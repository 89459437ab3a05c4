import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/tools/**', 'node_modules/**'],
    environment: 'node',
    // Files of one worker share their modules: loading them anew for each took longer than the tests.
    isolate: false,
  },
});
