// Visits every page of a console full of attacks, as wide as a desk and as narrow as a
// phone, opens what is closed, points at everything, and decides on one.
import assert from 'node:assert/strict';
import { accessible, base, enter, launch, open, sound } from './visit.mjs';

const browser = await launch();
try {
  const { context, page, faults } = await open(browser);
  await enter(page);
  await page.goto(`${base}/console`);
  const items = await page.$$eval('[data-item]', (all) => all.map((item) => item.querySelector('[data-open]').getAttribute('href')));
  assert.ok(items.length >= 50, `${items.length} items`);
  const authors = await page.goto(`${base}/console/authors`).then(() => page.$$eval('tbody a', (all) => all.map((a) => a.getAttribute('href'))));
  const fixed = ['', '?sort=newest', '?sort=score', '?site=default&sort=wave', '?q=script', '/waves', '/history', '/authors', '/blind', '/numbers', '/account', '/moderators', '/nowhere']
    .map((path) => `/console${path}`);
  const pages = [...fixed, ...items.filter((_, n) => n % 4 === 0), ...authors.slice(0, 4)];
  for (const path of pages) {
    await page.goto(base + path);
    const trouble = path.endsWith('/nowhere');
    if (!trouble) await sound(page, path);
    await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
    if (!trouble) await sound(page, `${path}, all open`);
    if (fixed.includes(path) || pages.at(-1) === path || items[0] === path) await accessible(page, path);
  }
  // Second looks, one after the other.
  for (let n = 0; n < 20; n++) {
    await page.goto(`${base}/console/blind`);
    await sound(page, `second look ${n}`);
    await page.click(`article button[value=${n % 2 ? 'reject' : 'approve'}]`);
    await page.waitForSelector('.flash');
  }
  await sound(page, 'after second looks');

  // A candidate, what it would change, and why: by the buttons.
  const ended = async (what) => {
    for (let n = 0; n < 300 && await page.$('text=loads itself anew'); n++) await page.reload();
    await sound(page, what);
  };
  await page.goto(`${base}/console/models`);
  await sound(page, 'no models');
  await page.click('form[action$=train] button');
  await ended('a training');
  await page.click('main p > a[href^="/console/models/m-"]');
  const model = page.url();
  await sound(page, 'a model');
  await page.selectOption('[name=since]', 'forever');
  await page.click('section[aria-labelledby=replay] form button');
  await ended('a replay');
  const replay = page.url();
  assert.ok((await page.$$('.sides mark')).length > 5, 'flips with marks');
  await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
  await sound(page, 'a replay, all open');
  await page.goto(model);
  await page.fill('section[aria-labelledby=shadow] [name=why]', '<svg onload="window.pwned=1">');
  await page.click('section[aria-labelledby=shadow] button');
  await sound(page, 'a model in shadow');
  await page.goto(model);
  await page.fill('section[aria-labelledby=promote] [name=why]', '<img src=x onerror="window.pwned=1">');
  await page.click('section[aria-labelledby=promote] button');
  await sound(page, 'a promotion');
  const words = ['<script>window.pwned=1</script>', 'buy cheap pills', '"><img src=x onerror=window.pwned=1>'];
  const operators = ['/models', '/models/base', '/models/trials', '/models/diff?before=base&after=live', ...words.map((q) => `/models/explain?q=${encodeURIComponent(q)}`)]
    .map((path) => `${base}/console${path}`).concat(model, replay, `${base}/console/models/diff?before=base&after=${model.split('/').pop()}`);
  for (const url of operators) {
    await page.goto(url);
    await sound(page, url);
    await accessible(page, url);
  }

  // The second page of the queue, reached as a person would.
  await page.goto(`${base}/console`);
  await page.click('a[rel=next]');
  await sound(page, 'the second page');

  await page.goto(`${base}/console`);
  for (const item of (await page.$$('[data-item]')).slice(0, 12)) {
    await item.hover();
    await page.keyboard.press('j');
  }
  await page.waitForSelector('aside.panel .tally');
  await sound(page, 'the queue with a panel');
  await page.keyboard.press('d');
  await page.waitForSelector('.toast');
  await page.keyboard.press('u');
  await page.waitForSelector('.toast:has-text("back in the queue")');
  await sound(page, 'the queue after a decision');

  await page.setViewportSize({ width: 820, height: 1100 });
  for (const path of fixed.slice(0, -1)) {
    await page.goto(base + path);
    await sound(page, `${path} on a tablet`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of [...fixed.slice(0, -1), ...items.filter((_, n) => n % 9 === 0), authors[0]]) {
    await page.goto(base + path);
    await sound(page, `${path} on a phone`);
    if (['/console', '/console/numbers', '/console/moderators'].includes(path)) await accessible(page, `${path} on a phone`);
  }
  for (const url of operators) {
    await page.goto(url);
    await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
    await sound(page, `${url} on a phone`);
  }
  assert.deepEqual(faults, []);
  await context.close();
} finally {
  await browser.close();
}
