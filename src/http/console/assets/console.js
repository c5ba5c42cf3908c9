// What makes the console quick: keys, decisions without a page load, live counts.
// Every action works without this file. Markup from the server goes through one
// Trusted Types policy; text from people is only ever set as text.
'use strict';
(() => {
  const policy = window.trustedTypes
    ? trustedTypes.createPolicy('moderato', { createHTML: (markup) => markup })
    : { createHTML: (markup) => markup };
  const token = document.body.dataset.formToken;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  const parse = (markup) => new DOMParser().parseFromString(policy.createHTML(markup), 'text/html');

  // Something to say, for a while, with an action perhaps.
  const toasts = $('.toasts');
  function say(text, { trouble = false, action = null } = {}) {
    const toast = document.createElement('div');
    toast.className = trouble ? 'toast trouble' : 'toast';
    const words = document.createElement('span');
    words.textContent = text;
    toast.append(words);
    if (action) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'small';
      button.textContent = action.label;
      button.addEventListener('click', () => { toast.remove(); action.run(); });
      toast.append(button);
    }
    toasts.replaceChildren(toast);
    setTimeout(() => toast.remove(), trouble ? 15000 : 9000);
  }

  async function ask(path, fields) {
    const headers = { accept: 'application/json' };
    const options = { headers, credentials: 'same-origin', redirect: 'error' };
    if (fields) {
      options.method = 'POST';
      options.body = new URLSearchParams([...fields, ['form_token', token]]);
    }
    let answer;
    try {
      answer = await fetch(path, options);
    } catch {
      throw new Error('No answer. Is the network there? Nothing was lost.');
    }
    if (answer.status === 401) {
      location.assign('/console/sign-in?back=' + encodeURIComponent(location.pathname + location.search));
    }
    if (!answer.ok) {
      const trouble = answer.headers.get('x-trouble');
      throw new Error(trouble ? decodeURIComponent(trouble) : `The server answered ${answer.status}.`);
    }
    return answer.json();
  }

  // The queue.
  const items = () => $$('[data-item]');
  const current = () => $('[data-item].current');

  function focusOn(item) {
    for (const other of $$('[data-item].current')) other.classList.remove('current');
    if (!item) return;
    item.classList.add('current');
    item.focus({ preventScroll: true });
    const top = $('.top').getBoundingClientRect().bottom + 12;
    const box = item.getBoundingClientRect();
    if (box.top < top) window.scrollBy({ top: box.top - top });
    else if (box.bottom > innerHeight - 12) {
      window.scrollBy({ top: Math.min(box.bottom - innerHeight + 12, box.top - top) });
    }
    showAuthor(item);
  }

  function move(step) {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
    focusOn(all[Math.max(0, Math.min(all.length - 1, next))]);
  }

  // The author's past, beside the list.
  const panel = $('aside[data-panel]');
  let shown = null;
  async function showAuthor(item) {
    const path = item.dataset.panel;
    if (!panel || !path || shown === path || !matchMedia('(min-width: 64rem)').matches) return;
    shown = path;
    try {
      const answer = await fetch(path, { credentials: 'same-origin', redirect: 'error' });
      if (!answer.ok || shown !== path) return;
      const page = parse(await answer.text());
      panel.replaceChildren(...page.body.children);
    } catch { /* the link to the author's page is there */ }
  }

  const selected = () => $$('[data-item] input[name=comment]:checked').map((box) => box.closest('[data-item]'));

  function countSelected() {
    const bar = $('[data-bulk]');
    if (!bar) return;
    const number = selected().length;
    bar.classList.toggle('active', number > 0);
    $('[data-selected]', bar).textContent = number ? `${number} selected` : '';
  }

  // When the last decision was made, by which it is taken back whole.
  let lastUndo = null;
  const wayBack = () => (lastUndo ? { label: 'Undo (u)', run: undo } : null);

  // What is said outlives the load of the page, and so does the way back.
  function sayAnew(message) {
    sessionStorage.setItem('said', JSON.stringify({ message, undo: lastUndo }));
    location.reload();
  }

  async function decide(chosen, form, button) {
    const fields = new FormData(form, button);
    fields.delete('comment');
    fields.delete('form_token');
    for (const item of chosen) fields.append('comment', item.dataset.item);
    const all = items();
    const next = all.slice(all.indexOf(chosen.at(-1)) + 1).find((item) => !chosen.includes(item))
      ?? all.filter((item) => !chosen.includes(item)).at(-1);
    for (const item of chosen) item.classList.add('leaving');
    try {
      // Not form.action: a button of that name hides it.
      const done = await ask(form.getAttribute('action'), fields);
      for (const item of chosen) {
        if (done.kept.includes(item.dataset.item)) item.classList.remove('leaving');
        else item.remove();
      }
      // What was refused whole leaves the way back to what was decided before it.
      if (done.undo) lastUndo = done.undo;
      // Of a wave more waits than one call takes: what is left of it is shown.
      if (done.left > 0) return sayAnew(done.message);
      say(done.message, { action: done.undo ? wayBack() : null, trouble: done.kept.length > 0 });
      countSelected();
      count();
      if (next?.isConnected) focusOn(next);
      if (!items().length) sayAnew(done.message);
    } catch (trouble) {
      for (const item of chosen) item.classList.remove('leaving');
      say(trouble.message, { trouble: true });
    }
  }

  let undoing = false;
  async function undo() {
    if (undoing) return;
    const form = $('form[data-undo]');
    if (!lastUndo && form) return form.requestSubmit();
    if (!lastUndo) return say('There is nothing to undo on this page; the history has the rest.');
    undoing = true;
    try {
      const done = await ask('/console/undo', [['act', lastUndo]]);
      lastUndo = null;
      sayAnew(done.message);
    } catch (trouble) {
      // Asked again, it takes back what still stands of it.
      say(trouble.message, { trouble: true, action: wayBack() });
    } finally {
      undoing = false;
    }
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-decide]') || !event.submitter) return;
    event.preventDefault();
    const item = form.closest('[data-item]');
    const chosen = item ? [item] : selected();
    if (chosen.length) decide(chosen, form, event.submitter);
    else say('Nothing is selected.', { trouble: true });
  });

  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-all]')) {
      for (const box of $$('[data-item] input[name=comment]')) box.checked = event.target.checked;
    }
    // On a narrow window, where they are folded away, several are chosen before they are sent.
    const folded = event.target.closest('details[open]') && matchMedia('(max-width: 40rem)').matches;
    if (event.target.matches('[data-submit]') && !folded) event.target.form.requestSubmit();
    countSelected();
  });

  document.addEventListener('focusin', (event) => {
    const item = event.target.closest?.('[data-item]');
    if (item && item !== current()) {
      for (const other of $$('[data-item].current')) other.classList.remove('current');
      item.classList.add('current');
      showAuthor(item);
    }
  });

  function press(name) {
    const many = selected();
    const item = current() ?? items()[0];
    // A comment's own page is loaded anew with what became of it.
    const own = 'form[data-decide], form[data-press]';
    const form = many.length ? $('[data-bulk] form[data-decide]') : item && $(own, item);
    const button = form && $(`button[value=${name}]`, form);
    if (button) form.requestSubmit(button);
  }

  const keys = $('dialog.keys');
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    f: () => press('approve'),
    d: () => press('reject'),
    s: () => press('spam'),
    t: () => press('toxic'),
    u: undo,
    x: () => {
      const box = $('input[name=comment]', current() ?? items()[0] ?? document);
      if (box) box.click();
    },
    o: () => $('[data-open]', current() ?? document)?.click(),
    m: () => {
      const masked = $('details.masked', current() ?? document);
      if (masked) masked.open = !masked.open;
    },
    '/': () => $('input[type=search]')?.focus(),
    '?': () => (keys.open ? keys.close() : keys.showModal()),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.('input:not([type=checkbox]), textarea, select')) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    if (keys.open && event.key !== '?') return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  for (const button of $$('[data-keys]')) {
    button.hidden = false;
    button.addEventListener('click', () => keys.showModal());
  }
  for (const field of $$('[data-select]')) field.addEventListener('focus', () => field.select());

  // How many wait, while the page is looked at.
  const title = document.title;
  function show(held) {
    for (const place of $$('[data-count]')) {
      place.textContent = held.text;
      place.hidden = held.number === 0;
    }
    for (const place of $$('[data-waiting]')) {
      if (place.textContent !== held.waiting) place.textContent = held.waiting;
    }
    document.title = held.number ? `(${held.text}) ${title}` : title;
    const fresh = $('[data-fresh]');
    if (fresh) {
      const more = held.newest && fresh.dataset.newest && held.newest > fresh.dataset.newest;
      fresh.hidden = !more;
    }
  }
  async function count() {
    if (document.hidden) return;
    try { show(await ask('/console/counts')); } catch { /* next time */ }
  }
  if ($('[data-count]')) {
    setInterval(count, 15000);
    document.addEventListener('visibilitychange', count);
  }

  const said = sessionStorage.getItem('said');
  if (said) {
    sessionStorage.removeItem('said');
    const { message, undo: at } = JSON.parse(said);
    lastUndo = at;
    say(message, { action: wayBack() });
  }
  document.documentElement.classList.add('scripted');
  // The menu's own entry is in sight, where the menu is wider than the window.
  const here = $('.top nav [aria-current]');
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetWidth / 2;
  countSelected();
})();
