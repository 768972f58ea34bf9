import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();

test('a ticket is made, found, updated and noted upon', async () => {
  const me = await client.admins.identify();
  const contact = await client.contacts.create({ email: uniqueEmail('ticket') });
  const type = await client.ticketTypes.create({ name: unique('Bug'), category: 'Customer' });
  const made = await client.tickets.create({
    ticket_type_id: type.id,
    contacts: [{ id: contact.id }],
    ticket_attributes: { _default_title_: 'Broken', _default_description_: 'It does not work' },
  });
  assert.equal(made.type, 'ticket');
  assert.equal(made.ticket_state, 'submitted');
  assert.deepEqual(made.contacts.contacts, [{ id: contact.id, role: 'user' }]);
  assert.equal(made.ticket_type.id, type.id);
  assert.deepEqual(await client.tickets.get({ ticket_id: made.id }), made);

  const updated = await client.tickets.update({
    ticket_id: made.id,
    ticket_attributes: { _default_title_: 'Mended' },
    is_shared: true,
    open: true,
    snoozed_until: 1673609604,
  });
  assert.deepEqual(updated.ticket_attributes, { _default_title_: 'Mended', _default_description_: 'It does not work' });
  assert.equal(updated.is_shared, true);

  const note = await client.tickets.reply({
    ticket_id: made.id,
    body: { message_type: 'note', type: 'admin', admin_id: me.id, body: 'Looking into it' },
  });
  assert.equal(note.type, 'ticket_part');
  assert.equal(note.body, '<p>Looking into it</p>');
  const parts = (await client.tickets.get({ ticket_id: made.id })).ticket_parts.ticket_parts;
  assert.deepEqual(parts.map(({ part_type }) => part_type),
    ['ticket_state_updated_by_admin', 'ticket_attribute_updated_by_admin', 'note']);
});

test('a ticket for an address that nobody has makes a lead', async () => {
  const type = await client.ticketTypes.create({ name: unique('Bug') });
  const email = uniqueEmail('nobody');
  const made = await client.tickets.create({ ticket_type_id: type.id, contacts: [{ email }] });
  const [{ id, role }] = made.contacts.contacts;
  assert.equal(role, 'lead');
  assert.equal((await client.contacts.find({ contact_id: id })).email, email);
});

test('a ticket that never was is not found', async () => {
  await assert.rejects(client.tickets.get({ ticket_id: '999999999' }), failure(404, 'not_found', /^Resource Not Found$/));
});
