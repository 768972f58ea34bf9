'use strict';

/** The global teardown of Jest. The next run, in watch mode, starts a server of its own. */
module.exports = async () => {
  const server = globalThis.__parley;
  if (server) {
    delete globalThis.__parley;
    delete process.env.PARLEY_URL;
    delete process.env.PARLEY_DEV_TOKEN;
    await server.stop();
  }
};
