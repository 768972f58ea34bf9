import { sdk } from '../common.js';

export * from '../common.js';

/** intercom is what the SDK exports. */
export const { default: intercom } = await sdk('node5');

/** connect makes a client as its documentation does; only the base URL differs. */
export function connect(auth = { tokenAuth: { token: process.env.PARLEY_TOKEN } }) {
  const client = new intercom.Client(auth);
  return client.useRequestOpts({ baseURL: process.env.PARLEY_URL });
}
