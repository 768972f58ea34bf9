import { describe, expect } from 'vitest';
import { test, testWith } from 'parley-test/vitest';

import { Support } from '../src/support.js';

describe('a sign-up', () => {
  test.concurrent('makes a contact', async ({ parley }) => {
    await new Support(parley).signedUp({ email: 'rosa@example.test', name: 'Rosa' });
    await parley.assertRequests({ operation: 'createContact', body: '/email=rosa@example.test', count: 1 });
  });

  test.concurrent('of somebody known updates the contact', async ({ parley }) => {
    const support = new Support(parley);
    const first = await support.signedUp({ email: 'rosa@example.test', name: 'Rosa' });
    await parley.snapshot();
    const second = await support.signedUp({ email: 'rosa@example.test', name: 'Rosa Alves' });
    expect(second).toMatchObject({ id: first.id, name: 'Rosa Alves' });
    const { data } = await parley.diff();
    expect(data).toEqual([expect.objectContaining({ type: 'contact', change: 'updated', id: first.id })]);
  });

  test.concurrent('that meets a rate limit fails, and is told so', async ({ parley }) => {
    await parley.fault({ operation: 'createContact', rate_limit: true, times: 1 });
    const support = new Support(parley);
    await expect(support.signedUp({ email: 'rosa@example.test' })).rejects.toMatchObject({ statusCode: 429 });
    await support.signedUp({ email: 'rosa@example.test' });
  });
});

describe('a conversation', () => {
  const frozen = testWith({ now: 1_800_000_000, frozen: true });

  frozen('comes back after three days', async ({ parley }) => {
    const support = new Support(parley);
    const { id } = await support.signedUp({ email: 'rosa@example.test' });
    const { conversation_id: conversation } = await support.asked({ id, body: 'Where is my invoice?' });
    const snoozed = await support.waits({ conversation, days: 3, now: 1_800_000_000 });
    expect(snoozed.state).toBe('snoozed');

    await parley.clock.advance({ days: 3 });
    const back = await support.client.conversations.find({ conversation_id: conversation });
    expect(back).toMatchObject({ state: 'open', updated_at: 1_800_000_000 + 3 * 86400 });
  });
});
