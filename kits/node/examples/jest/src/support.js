const { IntercomClient } = require('intercom-client');

/** What a shop does with Intercom. It knows nothing of Parley: only the URL differs in its tests. */
class Support {
  constructor({ token, url }) {
    this.client = new IntercomClient({ token, baseUrl: url, maxRetries: 0 });
  }

  /** upgraded tags the contact of who bought a plan, and keeps which. */
  async upgraded({ email, plan }) {
    const query = { field: 'email', operator: '=', value: email };
    const { data: [found] } = await this.client.contacts.search({ query });
    if (!found) {
      throw new Error(`nobody has the address ${email}`);
    }
    const tag = await this.client.tags.create({ name: 'paying' });
    await this.client.contacts.update({ contact_id: found.id, custom_attributes: { plan } });
    await this.client.tags.tagContact({ contact_id: found.id, id: tag.id });
  }
}

module.exports = { Support };
