// The calls that a workspace was asked, as they come.

import { call, wait } from './client.js';
import { byId, clockTime, copy, element, on, pretty, Rows, section } from './dom.js';

const most = 500; // calls that are shown
const patience = 25; // seconds that the server waits for the next call

const took = (us) => (us < 1000 ? `${us} µs` : us < 100_000 ? `${(us / 1000).toFixed(1)} ms` : `${Math.round(us / 1000)} ms`);

const target = (c) => c.path + (c.query && `?${c.query}`);

/** errorOf is the code and the message of the first error that an answer has, or nothing. */
function errorOf(c) {
  if (c.status !== null && c.status < 400) {
    return '';
  }
  try {
    const { code, message } = JSON.parse(c.response_body).errors[0];
    return `${code}: ${message}`;
  } catch {
    return '';
  }
}

/** wrong is what there is to say against a call. */
function wrong(c) {
  const said = [];
  if (c.status === null) {
    said.push('the connection was closed');
  }
  if (c.operation === null) {
    said.push('no such operation');
  } else if (c.unknown_members.length > 0) {
    said.push(`not read: ${c.unknown_members.join(', ')}`);
  }
  if (c.fault_id !== null) {
    said.push(`fault ${c.fault_id}`);
  }
  const error = errorOf(c);
  return error ? [error, ...said] : said;
}

const statusClass = (status) => `status s${status === null ? 0 : Math.floor(status / 100)}`;

const row = (c) => [
  element('span', { className: 'when' }, clockTime(c.at)),
  element('span', { className: statusClass(c.status) }, c.status === null ? '–' : String(c.status)),
  element('span', { className: 'method' }, c.method),
  element('span', { className: 'what' }, target(c)),
  element('span', { className: 'aside' }, took(c.took_us)),
  element('span', { className: 'second' }, c.operation && element('span', {}, c.operation), element('em', {}, wrong(c).join('; '))),
];

function headers(title, all) {
  const list = element('dl');
  for (const [name, values] of Object.entries(all ?? {}).sort()) {
    for (const value of values) {
      list.append(element('dt', {}, name), element('dd', {}, value));
    }
  }
  return element('details', {}, element('summary', {}, title), list);
}

const body = (title, text, cut) =>
  section(title + (cut ? ', its first 64 KB' : ''), text ? pretty(text) : element('p', { className: 'hint' }, 'none'));

function show(c) {
  const again = [element('p', { className: 'hint' }, 'The body was too long to be kept whole.')];
  const bar = element('p', { className: 'hint' }, `#${c.id} at ${clockTime(c.at)}, ${took(c.took_us)}${c.operation ? `, ${c.operation}` : ''} `);
  if (c.curl) {
    const curl = element('pre', { className: 'code', tabindex: '0' }, c.curl);
    const button = element('button', { type: 'button' }, 'Copy as curl');
    on(button, 'click', () => copy(c.curl, curl));
    bar.append(button);
    again.splice(0, 1, element('p', { className: 'hint' }, 'With an access token in $TOKEN:'), curl);
  }
  return [
    element('h2', {}, element('span', { className: statusClass(c.status) }, c.status === null ? 'no answer' : String(c.status)), ` ${c.method} ${target(c)}`),
    bar,
    ...wrong(c).map((text) => element('p', { className: 'wrong' }, text)),
    headers('Headers of the request', c.request_headers),
    body('Request', c.request_body, c.request_body_cut),
    headers('Headers of the answer', c.response_headers),
    body('Answer', c.response_body, c.response_body_cut),
    section('As curl', ...again),
  ];
}

export class Requests {
  constructor() {
    this.operation = byId('request-operation');
    const text = byId('request-text');
    const status = byId('request-status');
    const unmatched = byId('request-unmatched');
    this.rows = new Rows({
      list: byId('request-rows'),
      empty: byId('no-requests'),
      detail: byId('request-detail'),
      most,
      key: (c) => c.id,
      row,
      show,
      matches: (c) => {
        const words = text.value.toLowerCase();
        return (
          (status.value === '' || String(Math.floor((c.status ?? 0) / 100)) === status.value) &&
          (this.operation.value === '' || c.operation === this.operation.value) &&
          (!unmatched.checked || c.unmatched) &&
          (words === '' || [target(c), c.method, c.operation, c.request_body, c.response_body].some((s) => s?.toLowerCase().includes(words)))
        );
      },
      changed: (shown, all) => {
        byId('tab-requests').querySelector('.count').textContent = shown === all ? all || '' : `${shown} of ${all}`;
      },
    });
    for (const control of [text, status, this.operation, unmatched]) {
      control.addEventListener('input', () => this.rows.filter());
    }
    on(byId('clear-requests'), 'click', async () => {
      await call('DELETE', `workspaces/${this.workspace}/requests`);
      this.rows.clear();
    });
  }

  /** show adds calls, and their operations to those that can be chosen. */
  show(list) {
    this.rows.put(list);
    const known = new Set([...this.operation.options].map((option) => option.value));
    for (const { operation } of list) {
      if (operation && !known.has(operation)) {
        known.add(operation);
        const behind = [...this.operation.options].find((option) => option.value > operation) ?? null;
        this.operation.insertBefore(element('option', { value: operation }, operation), behind);
      }
    }
  }

  /** begin shows what a server has. What was shown stays if it goes on from there: in one that was started anew ids begin at 1. */
  begin(workspace, data) {
    const last = [...this.rows.items.values()].at(-1)?.item;
    const at = data.findIndex((c) => c.id === last?.id && c.at === last.at && c.took_us === last.took_us);
    if (this.workspace !== workspace || at < 0) {
      this.rows.clear();
    }
    this.workspace = workspace;
    this.show(data.slice(at + 1));
  }

  /** follow shows what there is of a workspace and what comes, until the signal. */
  async follow(workspace, signal) {
    const path = `workspaces/${workspace}/requests?limit=200`;
    let { data } = await call('GET', path, { signal });
    this.begin(workspace, data);
    for (let since = '0'; !signal.aborted; ) {
      since = data.at(-1)?.id ?? since;
      const begun = performance.now();
      ({ data } = await call('GET', `${path}&since=${since}&wait=${patience}`, { signal }));
      this.show(data);
      if (data.length === 0 && performance.now() - begun < (patience - 1) * 1000) {
        await wait(500, signal); // it waits no more, as it stops
        throw new TypeError('The server stops');
      }
    }
  }
}
