// What goes wrong on purpose in a workspace.

import { call, root } from './client.js';
import { byId, element, on } from './dom.js';

/** common are the faults that can be chosen. */
const common = {
  503: { status: 503 },
  500: { status: 500 },
  429: { rate_limit: true },
  409: { status: 409 },
  drop: { drop: true },
  after: { drop: true, after: true },
  slow: { latency: 5000 },
  truncate: { truncate: 20 },
  lose: { deliveries: 'lose' },
  duplicate: { deliveries: 'duplicate' },
};

/** does says in words what a fault does. */
function does(f) {
  const said = [];
  if (f.latency) {
    said.push(`waits ${f.latency} ms`);
  }
  if (f.rate_limit) {
    said.push('429, one too many');
  } else if (f.status) {
    said.push(String(f.status));
  }
  if (f.drop) {
    said.push(f.after ? 'done, then closed' : 'closed without an answer');
  }
  if (f.truncate) {
    said.push(`cut off after ${f.truncate} bytes`);
  }
  if (f.drip) {
    said.push(`${f.drip} bytes a second`);
  }
  if (f.deliveries) {
    said.push({ lose: 'webhook is lost', duplicate: 'webhook is sent twice', reorder: 'webhook is overtaken' }[f.deliveries]);
  }
  return said.join(', ');
}

const meant = (f) =>
  [f.operation, f.method, f.path, f.contact && `contact ${f.contact}`, f.topic, f.webhook_id && `webhook ${f.webhook_id}`]
    .filter(Boolean)
    .join(' ') || (f.deliveries ? 'all webhooks' : 'all calls');

const when = (f) =>
  [
    f.from > 1 && `from the ${f.from}. on`,
    f.every > 1 && `one in ${f.every}`,
    f.probability && `with a probability of ${f.probability}`,
    f.times ? (f.times === 1 ? 'once' : `${f.times} times`) : 'always',
  ]
    .filter(Boolean)
    .join(', ');

export class Faults {
  constructor() {
    const operation = byId('fault-operation');
    operation.addEventListener('focus', () => this.suggest(), { once: true });
    on(byId('add-fault'), 'submit', async () => {
      const body = { ...common[byId('fault-kind').value] };
      if (operation.value !== '' && !body.deliveries) {
        body.operation = operation.value;
      }
      if (byId('fault-times').value !== '') {
        body.times = Number(byId('fault-times').value);
      }
      await call('POST', `workspaces/${this.workspace}/faults`, { body });
      await this.enter(this.workspace);
    });
    on(byId('clear-faults'), 'click', async () => {
      await call('DELETE', `workspaces/${this.workspace}/faults`);
      await this.enter(this.workspace);
    });
  }

  /** suggest offers the operations of the contract. */
  async suggest() {
    const contract = await (await fetch(new URL('openapi.json', root))).json();
    const ids = Object.values(contract.paths).flatMap((path) => Object.values(path).map((op) => op.operationId));
    byId('operations').replaceChildren(...ids.filter(Boolean).sort().map((id) => element('option', { value: id })));
  }

  /** enter shows the faults of a workspace. */
  async enter(workspace, signal) {
    this.workspace = workspace;
    const { data } = await call('GET', `workspaces/${workspace}/faults`, { signal });
    byId('fault-rows').replaceChildren(...data.map((f) => this.row(f)));
    byId('no-faults').hidden = data.length > 0;
    byId('tab-faults').querySelector('.count').textContent = data.length || '';
  }

  row(f) {
    const end = element('button', { type: 'button', 'aria-label': `End fault ${f.id}` }, 'End');
    on(end, 'click', async () => {
      await call('DELETE', `workspaces/${this.workspace}/faults/${f.id}`);
      await this.enter(this.workspace);
    });
    const counts = f.deliveries ? ['', ''] : [String(f.calls), String(f.acted)];
    return element('tr', {}, ...[`${f.id}: ${does(f)}`, meant(f), when(f), ...counts, end].map((cell) => element('td', {}, cell)));
  }
}
