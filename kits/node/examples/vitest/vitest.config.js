import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['parley-test/vitest/setup'],
  },
});
