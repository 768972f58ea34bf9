import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();
const { admins } = await client.admins.list();
const [admin, colleague] = admins;

const attribute = (type, name) => type.ticket_type_attributes.data.find((a) => a.name === name);

test('a ticket type is made, changed, listed and archived', async () => {
  const type = await client.ticketTypes.create({ name: unique('Bug'), description: 'Faults', icon: '🐞' });
  assert.equal(type.type, 'ticket_type');
  assert.equal(type.icon, '🐞');
  assert.deepEqual(type.ticket_type_attributes.data.map(({ name }) => name), ['_default_title_', '_default_description_']);
  assert.deepEqual(await client.ticketTypes.get({ ticket_type_id: type.id }), type);

  const name = unique('Fault');
  const changed = await client.ticketTypes.update({ ticket_type_id: type.id, name });
  assert.equal(changed.name, name);
  assert.equal(changed.description, 'Faults');
  const { data } = await client.ticketTypes.list();
  assert.equal(data.find(({ id }) => id === type.id).name, name);

  const archived = await client.ticketTypes.update({ ticket_type_id: type.id, archived: true });
  assert.equal(archived.archived, true);
});

test('a ticket has the attributes of its type', async () => {
  const type = await client.ticketTypes.create({ name: unique('Order') });
  const ticket_type_id = type.id;
  const made = await client.ticketTypes.attributes.create({
    ticket_type_id, name: 'size', description: 'How large', data_type: 'list', list_items: 'small,large', required_to_create: false,
  });
  assert.equal(made.data_type, 'list');
  await client.ticketTypes.attributes.create({ ticket_type_id, name: 'pieces', description: 'How many', data_type: 'integer' });
  const changed = await client.ticketTypes.attributes.update({ ticket_type_id, attribute_id: made.id, description: 'How big' });
  assert.equal(changed.description, 'How big');
  const full = await client.ticketTypes.get({ ticket_type_id });
  assert.equal(attribute(full, 'size').description, 'How big');
  const [, large] = attribute(full, 'size').input_options.list_options;

  const contact = await client.contacts.create({ email: uniqueEmail('orders') });
  const ticket = await client.tickets.create({
    ticket_type_id, contacts: [{ id: contact.id }],
    ticket_attributes: { _default_title_: 'Order', size: large.id, pieces: 3 },
  });
  assert.deepEqual(ticket.ticket_attributes, { _default_title_: 'Order', _default_description_: null, size: large.id, pieces: 3 });

  // The SDK's types know fields of later versions; those of this one pass through.
  const updated = await client.tickets.update({
    ticket_id: ticket.id, state: 'in_progress', assignment: { admin_id: admin.id, assignee_id: colleague.id },
    ticket_attributes: { pieces: 4 },
  });
  assert.equal(updated.ticket_state, 'in_progress');
  assert.equal(updated.admin_assignee_id, colleague.id);
  assert.deepEqual(updated.ticket_attributes, { ...ticket.ticket_attributes, pieces: 4 });
  const assignment = updated.ticket_parts.ticket_parts.find(({ part_type }) => part_type === 'assignment');
  assert.deepEqual(assignment.assigned_to, { type: 'admin', id: colleague.id });
  assert.deepEqual(await client.tickets.get({ ticket_id: ticket.id }), updated);

  await assert.rejects(
    client.tickets.create({ ticket_type_id, contacts: [{ id: contact.id }], ticket_attributes: { pieces: 'many' } }),
    (err) => err.statusCode === 400,
  );
  await assert.rejects(client.conversations.find({ conversation_id: ticket.id }), failure(404, 'not_found'));
});
