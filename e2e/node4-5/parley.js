import { sdk } from '../common.js';

export * from '../common.js';

/** intercom is what the SDK exports. */
export const { default: intercom } = await sdk('node5');

/** connect makes a client as its documentation does; only the base URL differs. */
export function connect(auth = { tokenAuth: { token: process.env.PARLEY_TOKEN } }) {
  const client = new intercom.Client(auth);
  return client.useRequestOpts({ baseURL: process.env.PARLEY_URL });
}

/** walk follows the links from a page to the last, and brings what all of them list. */
export async function walk(client, page) {
  const items = [...page.data];
  while (page.pages.next) {
    page = await client.nextPage(page.pages);
    items.push(...page.data);
  }
  return items;
}
