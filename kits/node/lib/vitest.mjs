import { inject, test as base } from 'vitest';

import { attach } from './index.js';

/** testWith is Vitest's test, with a workspace for each test that asks for `parley`, made as the options say. */
export const testWith = (options) => base.extend({
  parley: async ({ task }, use) => {
    const server = inject('parley');
    if (!server) {
      throw new Error("there is no server: add 'parley-test/vitest/setup' to test.globalSetup in vitest.config");
    }
    const parley = await attach(server).workspace(options);
    await use(parley);
    if (task.result?.state === 'fail') {
      // What becomes of the workspace must not hide why the test failed.
      await parley.report().then(console.error, () => {});
      await parley.delete().catch(() => {});
      return;
    }
    await parley.delete();
  },
});

/** test is testWith for a workspace with nothing in it. */
export const test = testWith();
