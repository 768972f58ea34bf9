import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, has, unique, walk } from './parley.js';

const client = connect();
const [admin] = (await client.admins.list()).admins;
const authorId = Number(admin.id);
const collection = await client.helpCenter.collections.create({ name: unique('Articles') });

const missing = failure(404, 'not_found', /^Resource Not Found$/);

test('an article is written, changed, found and deleted', async () => {
  const title = unique('Getting started');
  const made = await client.articles.create({
    title, description: 'First steps', body: 'Open the calendar', authorId, state: 'published',
    parentId: Number(collection.id), parentType: 'collection',
    translatedContent: { fr: { title: 'Bien commencer', body: 'Ouvrez', author_id: authorId, state: 'published' } },
  });
  assert.match(made.id, /^\d+$/);
  has(made, {
    type: 'article', title, description: 'First steps', body: '<p class="no-margin">Open the calendar</p>', author_id: authorId,
    state: 'published', parent_id: Number(collection.id), parent_type: 'collection', parent_ids: [],
    statistics: {
      type: 'article_statistics', views: 0, conversations: 0, reactions: 0,
      happy_reaction_percentage: 0, neutral_reaction_percentage: 0, sad_reaction_percentage: 0,
    },
  });
  assert.match(made.url, new RegExp(`/articles/${made.id}-getting-started-`));

  const updated = await client.articles.update({ id: made.id, title: 'Christmas is here!', body: '<p>New gifts</p>' });
  has(updated, {
    title: 'Christmas is here!', description: 'First steps', body: '<p class="no-margin">New gifts</p>', state: 'published',
  });
  assert.match(updated.url, new RegExp(`/articles/${made.id}-christmas-is-here$`));
  assert.deepEqual(await client.articles.find({ id: made.id }), updated);

  assert.deepEqual(await client.articles.delete({ id: made.id }), { id: made.id, object: 'article', deleted: true });
  await assert.rejects(client.articles.find({ id: made.id }), missing);
  await assert.rejects(client.articles.delete({ id: made.id }), missing);
});

test('an article is a draft, and stands alone, where nothing else is said', async () => {
  const draft = await client.articles.create({ title: unique('Draft'), authorId });
  has(draft, { state: 'draft', parent_id: null, parent_type: null });

  const section = await client.helpCenter.sections.create({ name: unique('Section'), parentId: Number(collection.id) });
  const moved = await client.articles.update({ id: draft.id, parentId: Number(section.id), parentType: 'section' });
  has(moved, { title: draft.title, state: 'draft', parent_id: Number(section.id), parent_type: 'section' });
});

test('listing walks every article once, the last updated first', async () => {
  const made = [];
  for (let i = 0; i < 3; i++) {
    made.push((await client.articles.create({ title: unique('Listed'), authorId })).id);
  }

  const articles = await walk(client, await client.articles.list({ page: 1, perPage: 2 }));
  const ids = articles.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(made.filter((id) => !ids.includes(id)), []);
  const times = articles.map(({ updated_at }) => updated_at);
  assert.deepEqual(times, times.toSorted((a, b) => b - a));
  assert.ok(articles.every((article) => !('statistics' in article)));
});

test('an article needs an author', async () => {
  await assert.rejects(client.articles.create({ title: 'Whose?' }), failure(400, 'parameter_not_found', /^author_id must be/));
});

test('an article that never was is not found', async () => {
  const id = '999999999';
  await assert.rejects(client.articles.find({ id }), missing);
  await assert.rejects(client.articles.update({ id, title: 'Nothing' }), missing);
});
