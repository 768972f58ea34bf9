import { start } from './index.js';

/** The global set-up of Vitest: one server for the run, whose address the tests are given. */
export default async function setup({ provide }) {
  const server = await start();
  provide('parley', { url: server.url, devToken: server.devToken });
  return () => server.stop();
}
