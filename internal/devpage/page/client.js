// The operations of developers, asked of the server that the page came from.

// The token is kept for the tab, so that a page that is loaded again is not asked for it.
const place = 'parley dev token';

let token = sessionStorage.getItem(place) ?? '';

export const hasToken = () => token !== '';

export function setToken(text) {
  token = text;
  sessionStorage.setItem(place, text);
}

export function forgetToken() {
  token = '';
  sessionStorage.removeItem(place);
}

/**
 * takeToken takes the token out of the address bar, and tells whether it was there. What follows a # is never sent, so no log of a
 * server or proxy has it.
 */
export function takeToken() {
  const [, escaped] = location.hash.match(/^#token=(.*)$/) ?? [];
  if (escaped === undefined) {
    return false;
  }
  history.replaceState(null, '', location.pathname + location.search);
  try {
    setToken(decodeURIComponent(escaped));
  } catch {
    setToken(escaped); // a % that escapes nothing
  }
  return true;
}

/** root is where the server is, also behind another host name or below a path of a proxy. */
export const root = new URL('../../', import.meta.url);

/** A Refusal is an answer that is no success. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** call asks for an operation, and returns what it answers. */
export async function call(method, path, { body, signal } = {}) {
  const answer = await fetch(new URL(`_parley/${path}`, root), {
    method,
    signal,
    cache: 'no-store',
    headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Refusal(answer.status, `The server answers ${answer.status}, and no JSON`);
  }
  if (!answer.ok) {
    const told = said.errors?.[0]?.message ?? `The server answers ${answer.status}`;
    throw new Refusal(answer.status, answer.status === 401 ? 'The dev token is another' : told);
  }
  return said;
}

/** wait is over after so many milliseconds, or when the signal says so. */
export const wait = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
