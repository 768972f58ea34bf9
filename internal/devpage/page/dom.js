// What the parts of the page build it with. What others wrote becomes text nodes and nothing else.

export const byId = (id) => document.getElementById(id);

/** element makes an element with properties, and children that are nodes or texts. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === 'className') {
      made.className = value;
    } else {
      made.setAttribute(key, value);
    }
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return made;
}

let fading;

/** notice says for a while that something was done. */
export function notice(text) {
  const at = byId('notice');
  at.textContent = text;
  at.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => {
    at.hidden = true;
  }, 4000);
}

/** problem says what went wrong, until something else is done. */
export function problem(error) {
  const at = byId('problem');
  at.textContent = error ? error.message : '';
  at.hidden = !error;
}

/** on has a control do something that may fail, which is then said; meanwhile it cannot be used. */
export function on(control, event, act) {
  control.addEventListener(event, async (happened) => {
    const button = happened.submitter ?? (control instanceof HTMLButtonElement ? control : undefined);
    if (event === 'submit') {
      happened.preventDefault();
    }
    if (button) {
      button.disabled = true;
    }
    problem();
    try {
      await act(happened);
    } catch (error) {
      problem(error);
    } finally {
      if (button) {
        button.disabled = false;
      }
    }
  });
}

/** copy puts a text into the clipboard or, where a page may not, selects it where it is shown. */
export async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    notice('Copied');
  } catch {
    const range = document.createRange();
    range.selectNodeContents(shown);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    notice('Selected: copy it from here');
  }
}

/** ask opens a dialog and tells by which button it was closed, '' for none. */
export function ask(dialog) {
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue), { once: true });
  });
}

const token = /"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\],:]/g;

/**
 * pretty shows a text as JSON with a line for each member, if it is JSON, and as it is if not. Numbers are not read,
 * so that none loses a digit.
 */
export function pretty(text) {
  const shown = element('pre', { className: 'code', tabindex: '0' });
  try {
    JSON.parse(text);
  } catch {
    shown.textContent = text;
    return shown;
  }
  const tokens = text.match(token) ?? [];
  let depth = 0;
  const line = () => shown.append(`\n${'  '.repeat(depth)}`);
  tokens.forEach((t, i) => {
    if ('}]'.includes(t)) {
      depth -= 1;
      if (!'{['.includes(tokens[i - 1])) {
        line();
      }
    } else if ('{['.includes(tokens[i - 1])) {
      line();
    }
    if (t === ':') {
      shown.append(': ');
    } else if ('{}[],'.includes(t)) {
      shown.append(t);
    } else if (tokens[i + 1] === ':') {
      shown.append(element('span', { className: 'key' }, t));
    } else {
      shown.append(element('span', { className: t.startsWith('"') ? 'string' : 'other' }, t));
    }
    if ('{['.includes(t)) {
      depth += 1;
    } else if (t === ',') {
      line();
    }
  });
  return shown;
}

/** section is a heading with what belongs to it. */
export const section = (title, ...children) => element('section', {}, element('h3', {}, title), ...children);

/** clockTime is a time of day of a Unix second. */
export const clockTime = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });

/** shortTime is a time of day, behind the day if that is another than today. */
export const shortTime = (seconds) => {
  const at = new Date(seconds * 1000);
  const day = at.toDateString() === new Date().toDateString() ? '' : `${at.toLocaleDateString([], { day: 'numeric', month: 'short' })} `;
  return day + clockTime(seconds);
};

/** moment is a time, with its day, of a Unix second. */
export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium', hour12: false });

/**
 * A Rows is a list of which one is looked at. Its items have a key; each is a button that shows the detail. The newest is
 * on top, and no more are kept than most.
 */
export class Rows {
  constructor({ list, empty, detail, most, key, row, show, matches, changed }) {
    Object.assign(this, { list, empty, detail, most, key, row, show, matches, changed });
    this.items = new Map();
    list.addEventListener('keydown', (event) => this.move(event));
  }

  clear() {
    this.keep(new Set());
  }

  /** keep forgets the items that have none of these keys. */
  keep(keys) {
    for (const [key, { at }] of this.items) {
      if (!keys.has(key)) {
        this.items.delete(key);
        at.remove();
      }
    }
    if (!this.items.has(this.chosen)) {
      this.detail.hidden = true;
      this.chosen = undefined;
    }
    this.filter();
  }

  /** put adds items, oldest first, or shows anew what has become of them. */
  put(items) {
    for (const item of items) {
      const key = this.key(item);
      const had = this.items.get(key);
      const button = element('button', { type: 'button' }, ...this.row(item));
      const at = element('li', {}, button);
      button.addEventListener('click', () => this.choose(key));
      this.items.set(key, { item, at, button });
      if (had) {
        const focused = document.activeElement === had.button;
        had.at.replaceWith(at);
        if (focused) {
          button.focus();
        }
        if (this.chosen === key) {
          this.choose(key);
        }
      } else {
        this.list.prepend(at);
      }
    }
    for (const [key, { at }] of this.items) {
      if (this.items.size <= this.most) {
        break;
      }
      this.items.delete(key);
      at.remove();
    }
    this.filter();
  }

  filter() {
    let shown = 0;
    for (const { item, at } of this.items.values()) {
      at.hidden = !this.matches(item);
      shown += at.hidden ? 0 : 1;
    }
    this.empty.hidden = this.items.size > 0;
    this.list.hidden = this.items.size === 0;
    this.changed(shown, this.items.size);
  }

  choose(key) {
    const next = this.items.get(key);
    this.items.get(this.chosen)?.button.removeAttribute('aria-current');
    this.chosen = key;
    next.button.setAttribute('aria-current', 'true');
    this.detail.replaceChildren(...this.show(next.item));
    this.detail.hidden = false;
  }

  /** move goes from row to row by the arrow keys. */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest('li');
    if (!step || !row) {
      return;
    }
    event.preventDefault();
    let next = row;
    do {
      next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
    } while (next?.hidden);
    next?.firstElementChild.focus();
  }
}
