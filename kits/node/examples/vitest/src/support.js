import { IntercomClient } from 'intercom-client';

/** What a shop does with Intercom. It knows nothing of Parley: only the URL differs in its tests. */
export class Support {
  constructor({ token, url }) {
    this.client = new IntercomClient({ token, baseUrl: url, maxRetries: 0 });
  }

  /** signedUp makes a contact of who signed up, or updates the one that is there. */
  async signedUp({ email, name }) {
    try {
      return await this.client.contacts.create({ role: 'user', email, name });
    } catch (err) {
      if (err.statusCode !== 409) {
        throw err;
      }
    }
    const query = { field: 'email', operator: '=', value: email };
    const { data: [found] } = await this.client.contacts.search({ query });
    return this.client.contacts.update({ contact_id: found.id, name });
  }

  /** asked begins a conversation of a contact. */
  async asked({ id, body }) {
    return this.client.conversations.create({ from: { type: 'user', id }, body });
  }

  /** waits has the conversation come back in so many days. */
  async waits({ conversation, days, now }) {
    return this.client.conversations.manage({
      conversation_id: conversation,
      body: { message_type: 'snoozed', admin_id: (await this.client.admins.identify()).id, snoozed_until: now + days * 86400 },
    });
  }
}
