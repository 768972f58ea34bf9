import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, has, now, unique } from './parley.js';

const client = connect();
const { feeds, items } = client.news;
const [admin] = (await client.admins.list()).admins;
const sender_id = Number(admin.id);

const missing = failure(404, 'not_found', /^Resource Not Found$/);

test('newsfeeds are listed and found', async () => {
  const { type, pages, data } = await feeds.list();
  assert.equal(type, 'list');
  assert.equal(pages.type, 'pages');
  assert.ok(data.length > 0);
  assert.equal(data[0].type, 'newsfeed');
  assert.deepEqual(await feeds.find({ newsfeed_id: data[0].id }), data[0]);
});

test('a news item goes out in a newsfeed, is changed and deleted', async () => {
  const [feed] = (await feeds.list()).data;
  const written = {
    title: unique('Halloween is here'), body: '<p>New costumes in store</p>', sender_id,
    state: 'live', deliver_silently: true, reactions: ['😆', '😅'],
  };
  const made = await items.create({
    ...written,
    labels: ['Product', 'Update', 'New'],
    newsfeed_assignments: [{ newsfeed_id: Number(feed.id), published_at: now() - 3600 }],
  });
  assert.match(made.id, /^\d+$/);
  has(made, { type: 'news-item', ...written, labels: ['New', 'Product', 'Update'] });
  assert.deepEqual(made.newsfeed_assignments.map(({ newsfeed_id }) => newsfeed_id), [Number(feed.id)]);

  const { id } = made;
  const news_item_id = Number(id);
  assert.deepEqual(await items.find({ news_item_id }), made);
  for (const listed of [await items.list(), await feeds.listItems({ newsfeed_id: feed.id })]) {
    assert.equal(listed.type, 'list');
    assert.ok(listed.data.some((item) => item.id === id));
  }

  const body = { title: unique('Christmas is here'), body: '<p>New gifts in store</p>', sender_id };
  const changed = await items.update({ news_item_id, body });
  has(changed, body);
  assert.deepEqual(await items.find({ news_item_id }), changed);

  assert.deepEqual(await items.delete({ news_item_id }), { id, object: 'news-item', deleted: true });
  await assert.rejects(items.find({ news_item_id }), missing);
});

test('a news item is a draft where nothing else is said', async () => {
  const draft = await items.create({ title: unique('Draft'), sender_id });
  has(draft, {
    state: 'draft', deliver_silently: false, cover_image_url: null, labels: [], newsfeed_assignments: [],
    reactions: [null, null, null, null],
  });
});

test('a news item needs a title and a sender', async () => {
  const refused = (err) => err.statusCode === 400;
  await assert.rejects(items.create({ sender_id }), refused);
  await assert.rejects(items.create({ title: 'Whose?' }), refused);
});

test('a news item that never was is not found', async () => {
  const news_item_id = 999999999;
  await assert.rejects(items.find({ news_item_id }), missing);
  await assert.rejects(items.update({ news_item_id, body: { title: 'Nothing', sender_id } }), missing);
  await assert.rejects(items.delete({ news_item_id }), missing);
});
