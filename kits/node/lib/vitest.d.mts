import type { TestAPI } from 'vitest';

import type { Workspace, WorkspaceOptions } from './index.js';

/** Vitest's test, with a workspace for each test that asks for `parley`. If the test fails, its calls are printed. */
export const test: TestAPI<{ parley: Workspace }>;

/** A test like that, for workspaces that are made as the options say. */
export function testWith(options?: WorkspaceOptions): TestAPI<{ parley: Workspace }>;

declare module 'vitest' {
  interface ProvidedContext {
    parley: { url: string; devToken: string };
  }
}
