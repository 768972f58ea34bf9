// The clock of a workspace.

import { call } from './client.js';
import { byId, moment, on } from './dom.js';

export class Clock {
  constructor() {
    const act = (id, method, path, body) => on(byId(id), 'click', () => this.ask(method, path, body()));
    act('clock-freeze', 'PUT', 'clock', () => ({ frozen: !this.frozen }));
    act('clock-machine', 'DELETE', 'clock', () => undefined);
    act('clock-next', 'POST', 'clock/advance', () => ({ to: Math.max(this.next, this.now()) }));
    for (const button of document.querySelectorAll('#clock [data-seconds]')) {
      on(button, 'click', () => this.ask('POST', 'clock/advance', { seconds: Number(button.dataset.seconds) }));
    }
    setInterval(() => this.show(), 1000);
  }

  /** enter shows the clock of a workspace. */
  async enter(workspace, signal) {
    this.workspace = workspace;
    byId('clock-done').textContent = '';
    this.take(await call('GET', `workspaces/${workspace}/clock`, { signal }));
  }

  async ask(method, path, body) {
    const said = await call(method, `workspaces/${this.workspace}/${path}`, { body });
    this.take(said);
    if (said.jobs === undefined) {
      byId('clock-done').textContent = '';
    } else {
      byId('clock-done').textContent =
        (said.jobs === 1 ? '1 thing was done on the way.' : `${said.jobs} things were done on the way.`) +
        (said.finished ? '' : ' There is more: advance again to go on.');
    }
  }

  take({ now, frozen, next_due_at: next }) {
    this.ahead = now - Math.floor(Date.now() / 1000);
    Object.assign(this, { shown: now, frozen, next });
    this.show();
  }

  now() {
    return this.frozen ? this.shown : Math.floor(Date.now() / 1000) + this.ahead;
  }

  show() {
    if (this.shown === undefined || byId('clock').hidden) {
      return;
    }
    const now = this.now();
    byId('clock-now').textContent = moment(now);
    byId('clock-now').dateTime = new Date(now * 1000).toISOString();
    byId('clock-freeze').textContent = this.frozen ? 'Run on' : 'Freeze';
    byId('clock-next').disabled = !this.next;
    const runs = this.frozen ? 'It stands.' : Math.abs(this.ahead) < 2 ? "It goes by the machine's clock." : 'It runs, ahead of the machine.';
    byId('clock-state').textContent = `${runs} ${this.next ? `Next, something falls due at ${moment(this.next)}.` : 'Nothing falls due.'}`;
  }
}
