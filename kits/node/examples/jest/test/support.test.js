const { withWorkspace, workspace } = require('parley-test');

const { Support } = require('../src/support.js');

// What each test begins with: a seed is looked at once, then copied.
const seed = `
data_attributes:
  - {model: contact, name: plan, data_type: string}
contacts:
  - {role: user, email: rosa@example.test, name: Rosa}
`;

describe('an upgrade', () => {
  let parley;
  beforeEach(async () => {
    parley = await workspace({ seed });
  });
  afterEach(() => parley.delete());

  test('is kept with the contact, and tags it', async () => {
    await parley.snapshot();
    await new Support(parley).upgraded({ email: 'rosa@example.test', plan: 'team' });
    const { data } = await parley.diff();
    expect(data.map(({ type, change }) => `${type} ${change}`).sort()).toEqual(['contact updated', 'contact_tag created', 'tag created']);
    await parley.assertRequests({ operation: 'updateContact', body: '/custom_attributes/plan=team', count: 1 });
  });

  test('of somebody unknown asks for nothing more', async () => {
    await expect(new Support(parley).upgraded({ email: 'no@example.test', plan: 'team' })).rejects.toThrow('nobody has the address');
    await parley.assertRequests({ method: 'PUT', count: 0 });
  });
});

test.concurrent('a contact that the search does not find yet is nobody', withWorkspace({ seed }, async (parley) => {
  await parley.searchLag(60);
  await expect(new Support(parley).upgraded({ email: 'rosa@example.test', plan: 'team' })).rejects.toThrow('nobody has the address');
}));

test.concurrent('a failure half-way is seen', withWorkspace({ seed }, async (parley) => {
  await parley.fault({ operation: 'updateContact', status: 503, times: 1 });
  await expect(new Support(parley).upgraded({ email: 'rosa@example.test', plan: 'team' })).rejects.toMatchObject({ statusCode: 503 });
}));
