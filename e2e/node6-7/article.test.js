import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, has, unique } from './parley.js';

const client = connect();
const [admin] = (await client.admins.list()).admins;
const author_id = Number(admin.id);

const missing = failure(404, 'not_found', /^Resource Not Found$/);

test('an article is written, changed, found and deleted', async () => {
  const collection = await client.helpCenters.collections.create({ name: unique('Articles') });
  const made = await client.articles.create({
    title: 'Thanks for everything', description: 'Of the article', body: 'Body of the article', author_id, state: 'published',
    parent_id: Number(collection.id), parent_type: 'collection',
    translated_content: { fr: { type: 'article_content', title: 'Merci pour tout', author_id, state: 'published' } },
  });
  const { id } = made;
  has(made, {
    body: '<p class="no-margin">Body of the article</p>', author_id, parent_id: Number(collection.id), parent_type: 'collection',
  });
  assert.match(made.url, new RegExp(`/articles/${id}-thanks-for-everything$`));

  const article_id = Number(id);
  const updated = await client.articles.update({ article_id, title: 'Christmas is here!', state: 'draft' });
  has(updated, { title: 'Christmas is here!', description: 'Of the article', state: 'draft' });
  has(updated.statistics, { type: 'article_statistics', conversations: 0 });
  assert.deepEqual(await client.articles.find({ article_id }), updated);

  assert.deepEqual(await client.articles.delete({ article_id }), { id, object: 'article', deleted: true });
  await assert.rejects(client.articles.find({ article_id }), missing);
});

test('iterating a list walks every article once', async () => {
  const made = [];
  for (let i = 0; i < 3; i++) {
    made.push((await client.articles.create({ title: unique('Listed'), author_id })).id);
  }
  const ids = (await collect(client.articles.list({ per_page: 2 }))).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(made.filter((id) => !ids.includes(id)), []);
});

test('an article needs an author', async () => {
  await assert.rejects(client.articles.create({ title: 'Whose?' }), failure(400, 'parameter_not_found', /^author_id must be/));
});

test('an article that never was is not found', async () => {
  await assert.rejects(client.articles.find({ article_id: 999999999 }), missing);
});

test('a search finds articles by their words', async () => {
  const { data } = await client.articles.search({ phrase: 'first booking', state: 'published' });
  assert.ok(data.articles.length > 0, 'the demo has articles on a first booking');
  assert.equal((await client.articles.search({ phrase: unique('nowhere') })).total_count, 0);
});
