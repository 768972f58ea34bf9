'use strict';

const { start } = require('./index.js');

/** The global set-up of Jest: one server for the run, which its workers are told of by their environment. */
module.exports = async () => {
  if (process.env.PARLEY_URL) {
    return; // somebody else's
  }
  const server = await start();
  globalThis.__parley = server; // Jest's way to the teardown
  process.env.PARLEY_URL = server.url;
  process.env.PARLEY_DEV_TOKEN = server.devToken;
};
