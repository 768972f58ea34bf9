import { sdk } from '../common.js';

export * from '../common.js';

/** intercom is what the SDK exports. */
export const intercom = await sdk('node7');

/** connect makes a client as its documentation does; only the base URL differs. */
export function connect(token = process.env.PARLEY_TOKEN) {
  return new intercom.IntercomClient({ token, baseUrl: process.env.PARLEY_URL });
}

/** collect walks all pages of a listing the way the SDK does. */
export async function collect(pending) {
  const items = [];
  for await (const item of await pending) {
    items.push(item);
  }
  return items;
}
