// What leaves a workspace, and what becomes of it.

import { call, wait } from './client.js';
import { byId, element, moment, pretty, Rows, section, shortTime } from './dom.js';

const most = 500;
const page = 150; // at once
const look = 2000; // milliseconds after which what is on its way is looked at again
const kinds = { email: 'E-mail', sms: 'Text message', webhook: 'Webhook' };

// What nothing more becomes of. E-mails stay queued, since none is sent.
const ended = new Set(['delivered', 'dropped', 'sent', 'failed', 'kept', 'suppressed', 'queued']);
const stateClass = { delivered: 's2', sent: 's2', dropped: 's5', failed: 's5', retrying: 's4', suppressed: 's4' };

const key = (o) => `${o.kind} ${o.id}`;
const onItsWay = (o) => !ended.has(o.state);
const subject = (o) => o.subject ?? o.topic ?? o.body ?? '';

const row = (o) => [
  element('span', { className: 'when' }, shortTime(o.at)),
  element('span', { className: `status ${stateClass[o.state] ?? 's3'}` }, o.state),
  element('span', { className: 'method' }, kinds[o.kind]),
  element('span', { className: 'what' }, subject(o)),
  element('span', { className: 'second' }, element('span', {}, o.to)),
];

const show = (o) => [
  element('h2', {}, element('span', { className: `status ${stateClass[o.state] ?? 's3'}` }, o.state), ` ${subject(o)}`),
  element('p', { className: 'hint' }, `${kinds[o.kind]} ${o.id} to ${o.to}, ${moment(o.at)}`),
  o.contact_id ? element('p', { className: 'hint' }, `Contact ${o.contact_id}`) : '',
  o.body ? section('Text', element('pre', { className: 'code', tabindex: '0' }, o.body)) : '',
  o.html ? section('HTML, as its source', element('pre', { className: 'code', tabindex: '0' }, o.html)) : '',
  o.notification ? section('What is sent', pretty(JSON.stringify(o.notification))) : '',
];

export class Outbox {
  constructor() {
    const text = byId('outbox-text');
    const kind = byId('outbox-kind');
    this.rows = new Rows({
      list: byId('outbox-rows'),
      empty: byId('no-outbox'),
      detail: byId('outbox-detail'),
      most,
      key,
      row,
      show,
      matches: (o) => {
        const words = text.value.toLowerCase();
        return (
          (kind.value === '' || o.kind === kind.value) &&
          (words === '' || [o.to, o.subject, o.topic, o.body, o.state].some((s) => s?.toLowerCase().includes(words)))
        );
      },
      changed: (shown, all) => {
        byId('tab-outbox').querySelector('.count').textContent = shown === all ? all || '' : `${shown} of ${all}`;
      },
    });
    text.addEventListener('input', () => this.rows.filter());
    kind.addEventListener('input', () => this.rows.filter());
  }

  /** follow shows what there is and what comes, until the signal; of what is on its way also what becomes of it. */
  async follow(workspace, signal) {
    const read = (after, seconds) =>
      call('GET', `workspaces/${workspace}/outbox?per_page=${page}&after=${encodeURIComponent(after)}&wait=${seconds}`, { signal });
    const all = [];
    let after = '';
    let open; // behind which position there is something on its way
    for (let more = true; more; ) {
      const { data, next } = await read(after, 0);
      open ??= data.some(onItsWay) ? after : undefined;
      all.push(...data);
      more = data.length === page;
      after = next;
    }
    this.rows.keep(new Set(all.map(key))); // what a reset took away is gone
    this.put(all.slice(-most));
    for (let looked = performance.now(); !signal.aborted; ) {
      const { data, next } = await read(after, open === undefined ? 25 : look / 1000);
      this.put(data);
      open ??= data.some(onItsWay) ? after : undefined;
      after = next;
      if (open !== undefined && performance.now() - looked > look) {
        open = await this.again(read, open);
        looked = performance.now();
      } else if (data.length === 0) {
        await wait(500, signal);
      }
    }
  }

  /** again looks at what is behind a position once more, and returns from where on something is still on its way. */
  async again(read, from) {
    let open;
    for (let at = from, shown = 0; shown < most; ) {
      const { data, next } = await read(at, 0);
      this.put(data);
      open ??= data.some(onItsWay) ? at : undefined;
      if (data.length < page) {
        break;
      }
      shown += data.length;
      at = next;
    }
    return open;
  }

  /** put shows what is new of a page. */
  put(data) {
    this.rows.put(data.filter((o) => this.rows.items.get(key(o))?.item.state !== o.state));
  }
}
