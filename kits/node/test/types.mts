// What a user of the kit writes in TypeScript. It is checked, and never run: each line marked so must be refused.

import { type LoggedRequest, type Workspace, ParleyError, Server, attach, start, withWorkspace, workspace } from 'parley-test';
import { test, testWith } from 'parley-test/vitest';

await using server = await start({ binary: './parley', workspace: { seed: 'demo' } });
await using parley: Workspace = await server.workspace({ ids: 42, now: 1_800_000_000, frozen: true });
const again: Workspace = await attach({ url: parley.url }).workspace({ snapshot: { workspace_id: parley.appId, name: await parley.snapshot() } });

const end = await parley.fault({ operation: 'createContact', times: 2, status: 503 });
await end();
const calls: LoggedRequest[] = await parley.waitForRequests({ status: '4xx', body: ['/email=joe@example.test'] }, { count: 2 });
const count: number = await again.assertRequests({ unmatched: true, at_most: 0 });
const { jobs }: { jobs: number } = await parley.clock.advance({ days: 3 });
await parley.clock.advance(new Date());
const [mail] = await parley.outbox({ kind: 'email', to: 'joe@example.test' });
const subject: string | null = mail!.subject;
const { data: [change] } = await parley.diff();
const before: unknown = change!.fields.name?.before;
export const told = { calls, count, jobs, subject, before };

export const wrapped: () => Promise<void> = withWorkspace({ seed: 'demo' }, async (w) => w.reset());

test('one', async ({ parley }) => parley.reset());
testWith({ seed: 'demo' })('two', async ({ parley, expect }) => expect(await parley.requests()).toEqual([]));

try {
  await (await workspace()).restore('nothing');
} catch (err) {
  if (err instanceof ParleyError && err.status === 404) {
    throw err;
  }
}

// @ts-expect-error a fault's members are those of the contract
await parley.fault({ retryAfter: 1 });
// @ts-expect-error there is no such unit
await parley.clock.advance({ weeks: 1 });
// @ts-expect-error a call is searched for by what it is, not by a place
await parley.requests({ wait: 1 });
// @ts-expect-error a server is started or attached to
new Server();
