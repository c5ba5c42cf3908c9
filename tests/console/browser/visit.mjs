// A Chromium that keeps watch: what runs, what is asked for, what breaks the layout.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const base = process.env.CONSOLE;
export const password = process.env.PASSWORD;
const { chromium } = await import(process.env.PLAYWRIGHT);

export async function launch() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// A window whose every request and refusal is remembered in `faults`.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const faults = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(base)) faults.push(`asked for ${request.url().slice(0, 200)}`);
  });
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.sourceFile} ${event.sample}`);
    });
  });
  context.on('page', (page) => {
    page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (4\d\d|5\d\d)/.test(message.text())) faults.push(message.text());
    });
  });
  const page = await context.newPage();
  return { context, page, faults };
}

// The first admin, made by the link.
export async function enter(page, name = 'Ayesha Khan') {
  await page.goto(process.env.LINK);
  await page.fill('[name=name]', name);
  await page.fill('[name=password]', password);
  await page.fill('[name=again]', password);
  await page.click('button.primary');
  await page.waitForURL(`${base}/console`);
}

export async function signIn(page, name) {
  await page.goto(`${base}/console/sign-in`);
  await page.fill('[name=name]', name);
  await page.fill('[name=password]', password);
  await page.click('button.primary');
  await page.waitForURL(`${base}/console`);
}

// The rules of axe-core: names, roles, landmarks, order and contrast, in light and dark.
const axe = readFileSync(process.env.AXE, 'utf8');
export async function accessible(page, where) {
  await page.evaluate(`${axe}; undefined`);
  for (const [colorScheme, rules] of [['light', null], ['dark', ['color-contrast']]]) {
    await page.emulateMedia({ colorScheme });
    const found = await page.evaluate(async (only) => {
      const options = { resultTypes: ['violations'], ...(only && { runOnly: only }) };
      const { violations } = await window.axe.run(document, options);
      return violations.map((rule) => `${rule.id}: ${rule.nodes.length} such as ${rule.nodes[0].html.slice(0, 160)} ${rule.nodes[0].failureSummary}`);
    }, rules);
    assert.deepEqual(found, [], `${where}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

// What must hold of any page, whatever is written in the comments on it.
export async function sound(page, where) {
  const found = await page.evaluate(() => {
    const attributes = [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]);
    return {
      ran: window.pwned ?? false,
      handlers: attributes.filter((a) => a.name.startsWith('on')).map((a) => a.name),
      styles: attributes.filter((a) => a.name === 'style').length + document.querySelectorAll('style').length,
      scripts: [...document.scripts].map((s) => s.src),
      foreign: document.querySelectorAll('iframe, object, embed, video, audio, img, base, frameset, portal, math, marquee, plaintext, xmp, meta[http-equiv], link:not([rel=icon]):not([rel=stylesheet])').length,
      links: [...document.querySelectorAll('[href], [action], [formaction], [src]')]
        .flatMap((e) => ['href', 'action', 'formaction', 'src'].map((name) => e.getAttribute(name)))
        .filter((url) => url !== null && !url.startsWith('/console') && !url.startsWith('#') && !/^https?:\/\//.test(url)),
      left: [...document.querySelectorAll('a[href^=http]')].filter((a) => !/noopener/.test(a.rel)).length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      menu: document.querySelectorAll('header.top').length,
      main: document.querySelectorAll('main').length,
    };
  });
  assert.equal(found.ran, false, `${where}: a script ran`);
  assert.deepEqual(found.handlers, [], `${where}: handlers`);
  assert.equal(found.styles, 0, `${where}: inline styles`);
  assert.ok(found.scripts.length <= 1 && found.scripts.every((s) => s.startsWith(`${base}/console/assets/`)), `${where}: scripts ${found.scripts}`);
  assert.equal(found.foreign, 0, `${where}: foreign elements`);
  assert.deepEqual(found.links, [], `${where}: links`);
  assert.equal(found.left, 0, `${where}: links that hand over the window`);
  assert.ok(found.wide <= 0, `${where}: ${found.wide} px wider than the window`);
  assert.equal(found.menu, 1, `${where}: menus`);
  assert.equal(found.main, 1, `${where}: mains`);
}
