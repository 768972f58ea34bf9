// The page as a whole: who may see it, which workspace it is of, and which part is shown.

import { call, forgetToken, hasToken, Refusal, root, setToken, takeToken, wait } from './client.js';
import { Clock } from './clock.js';
import { ask, byId, copy, element, on, problem } from './dom.js';
import { Faults } from './faults.js';
import { Outbox } from './outbox.js';
import { Requests } from './requests.js';

const parts = { requests: new Requests(), outbox: new Outbox(), clock: new Clock(), faults: new Faults() };
const select = byId('workspace');
const tokens = new Map(); // of workspaces, for as long as the page is open

let leave = new AbortController(); // what goes on for the workspace that is shown

/** connection says whether the server answers. */
function connection(state, text) {
  byId('connection').className = state;
  byId('connection').textContent = text;
}

/** signIn asks for the token of developers. */
function signIn(why) {
  leave.abort();
  forgetToken();
  byId('desk').hidden = byId('workspaces').hidden = true;
  byId('sign-in').hidden = false;
  connection('', '');
  problem(why);
  byId('dev-token').focus();
}

/** listWorkspaces fills the choice of workspaces, the oldest first, and returns their ids. */
async function listWorkspaces() {
  const all = [];
  for (let more = true; more; ) {
    const behind = all.length > 0 ? `&starting_after=${all.at(-1).id}` : '';
    const page = await call('GET', `workspaces?per_page=150${behind}`);
    all.push(...page.data);
    more = page.has_more && all.length < 3000;
  }
  all.sort((a, b) => a.created_at - b.created_at);
  const chosen = select.value;
  select.replaceChildren(...all.map((w) => element('option', { value: w.id }, `${w.name} (${w.id})`)));
  if (all.some((w) => w.id === chosen)) {
    select.value = chosen;
  }
  return all.map((w) => w.id);
}

/** start opens the desk. */
async function start() {
  try {
    await listWorkspaces();
  } catch (error) {
    if (error instanceof Refusal) {
      signIn(error);
    } else {
      connection('lost', 'The server does not answer');
      setTimeout(start, 1000);
    }
    return;
  }
  problem();
  byId('sign-in').hidden = true;
  byId('desk').hidden = byId('workspaces').hidden = false;
  enter();
}

/** enter shows the chosen workspace, and follows it while somebody looks. */
function enter() {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const workspace = select.value;
  if (workspace === '') {
    connection('', 'There is no workspace');
    return;
  }
  for (const name of ['requests', 'outbox']) {
    keep(signal, () => parts[name].follow(workspace, signal));
  }
  keep(signal, async () => {
    for (; !signal.aborted; await wait(5000, signal)) {
      await parts.clock.enter(workspace, signal);
      await parts.faults.enter(workspace, signal);
      connection('live', 'Live');
    }
  });
}

/** keep has something go on, also when the server was away. */
async function keep(signal, follow) {
  while (!signal.aborted) {
    try {
      await follow();
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error instanceof Refusal && error.status === 401) {
        signIn(error);
        return;
      }
      if (error instanceof Refusal && error.status === 404) { // the workspace is gone
        select.value = '';
        await listWorkspaces().catch(() => {});
        enter();
        return;
      }
      connection('lost', error instanceof Refusal ? error.message : 'The server does not answer');
      await wait(1000, signal);
    }
  }
}

/** showTab shows one part. */
function showTab(tab, focus) {
  for (const other of byId('tabs').children) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    byId(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  parts.clock.show();
  if (focus) {
    tab.focus();
  }
}

/** tokenOf is an access token of the workspace that is shown: one that was made before, or another. */
async function tokenOf(workspace) {
  if (!tokens.has(workspace)) {
    tokens.set(workspace, (await call('POST', `workspaces/${workspace}/tokens`)).access_token);
  }
  return tokens.get(workspace);
}

function showToken(workspace, token) {
  byId('token-of').textContent = workspace;
  byId('token-text').textContent = token;
  return ask(byId('token-dialog'));
}

byId('tabs').addEventListener('click', (event) => {
  const tab = event.target.closest('[role=tab]');
  if (tab) {
    showTab(tab);
  }
});
byId('tabs').addEventListener('keydown', (event) => {
  const all = [...byId('tabs').children];
  const at = all.indexOf(document.activeElement);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next !== undefined && at >= 0) {
    event.preventDefault();
    showTab(all.at(next % all.length), true);
  }
});
select.addEventListener('change', enter);

on(byId('sign-in'), 'submit', () => {
  setToken(byId('dev-token').value.trim());
  byId('dev-token').value = '';
  return start();
});
on(byId('new-workspace'), 'click', async () => {
  byId('new-name').value = '';
  if ((await ask(byId('new-dialog'))) !== 'make') {
    return;
  }
  const body = { name: byId('new-name').value, seed: byId('new-seed').value };
  const made = await call('POST', 'workspaces', { body: Object.fromEntries(Object.entries(body).filter(([, value]) => value !== '')) });
  tokens.set(made.id, made.access_token);
  await listWorkspaces();
  select.value = made.id;
  enter();
  await showToken(made.name, made.access_token);
});
on(byId('reset'), 'click', async () => {
  const workspace = select.value;
  if ((await ask(byId('reset-dialog'))) === 'reset') {
    await call('POST', `workspaces/${workspace}/reset`);
    tokens.delete(workspace);
    enter();
  }
});
on(byId('token'), 'click', async () => {
  const workspace = select.value;
  await showToken(select.selectedOptions[0].textContent, await tokenOf(workspace));
});
on(byId('copy-token'), 'click', () => copy(byId('token-text').textContent, byId('token-text')));
on(byId('explorer'), 'click', async () => {
  const token = await tokenOf(select.value);
  open(new URL(`docs#token=${encodeURIComponent(token)}`, root), '_blank', 'noopener');
});

// A page that nobody looks at holds no connections, of which browsers have few for a server.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    leave.abort();
  } else if (!byId('desk').hidden) {
    listWorkspaces().then(enter, start);
  }
});
addEventListener('hashchange', () => { // an address with another token does not load the page again
  if (takeToken()) {
    start();
  }
});

showTab(byId('tab-requests'));
takeToken();
if (hasToken()) {
  start();
} else {
  signIn();
}
