'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');

const contract = readFileSync(join(__dirname, '../../../docs/openapi-parley.yaml'), 'utf8');
const types = readFileSync(join(__dirname, '../lib/index.d.ts'), 'utf8');

/** members are those of a schema of the contract, which is written in one way only. */
function members(schema) {
  const [, text] = new RegExp(`^    ${schema}:\\n((?:     .*\\n)+)`, 'm').exec(contract);
  const properties = text.slice(text.indexOf('      properties:\n')).split(/^ {6}\S.*\n/m)[1];
  return [...properties.matchAll(/^ {8}(\w+):/gm)].map(([, name]) => name).sort();
}

/** declared are the members of an interface, with those of one that it extends. */
function declared(name) {
  const [, base, without, text] = new RegExp(`^export interface ${name}(?: extends (?:Omit<)?(\\w+)(?:, '(\\w+)'>)?)? {\\n([^]*?)^}`, 'm').exec(types);
  const own = [...text.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member]) => member);
  return [...own, ...(base ? declared(base).filter((member) => member !== without) : [])].sort();
}

test('the types have the members of the contract', () => {
  for (const [name, schema] of Object.entries({
    WorkspaceOptions: 'workspace_request', FaultRequest: 'fault_request', Fault: 'fault', RequestAssertion: 'request_assertion',
    LoggedRequest: 'logged_request', Diff: 'snapshot_diff', Change: 'snapshot_change', Outgoing: 'outgoing',
  })) {
    assert.deepEqual(declared(name), members(schema), name);
  }
});
