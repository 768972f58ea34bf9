'use strict';

// This is CommonJS, so that one text can be had by require and by import: Jest loads modules that tests require by a
// loader of its own, which takes nothing else without a flag of Node.

const { ParleyError } = require('./call.js');
const { Server, attach, start } = require('./server.js');
const { Workspace } = require('./workspace.js');

let ours; // a promise of the server of this process, once a test has needed it

/**
 * workspace makes a workspace on the server of the test run: the one that PARLEY_URL names, which a global set-up
 * started, or one that ends with this process.
 */
async function workspace(options) {
  if (process.env.PARLEY_URL) {
    return attach().workspace(options);
  }
  ours ??= start();
  return (await ours).workspace(options);
}

/**
 * withWorkspace makes a test out of a function that takes a workspace: one is made before, and deleted afterwards.
 * What the runner gives to a test, as node --test its context, comes after it. If the test fails, the calls that were made
 * are printed.
 */
function withWorkspace(options, test) {
  if (typeof options === 'function') {
    [options, test] = [undefined, options];
  }
  return async (...given) => {
    const parley = await workspace(options);
    try {
      await test(parley, ...given);
    } catch (err) {
      // What becomes of the workspace must not hide why the test failed.
      await parley.report().then(console.error, () => {});
      await parley.delete().catch(() => {});
      throw err;
    }
    await parley.delete();
  };
}

module.exports = { ParleyError, Server, Workspace, attach, start, withWorkspace, workspace };
