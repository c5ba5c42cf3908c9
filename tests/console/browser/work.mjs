// A day at the queue: by keys, by mouse, without a script, and two at once.
import assert from 'node:assert/strict';
import { accessible, base, enter, launch, open, password, signIn, sound } from './visit.mjs';

const browser = await launch();
const items = (page) => page.locator('[data-item]').count();
const toast = async (page, words) => page.waitForSelector(`.toast:has-text("${words}")`);
const gone = (page, before, by) => page.waitForFunction((n) => document.querySelectorAll('[data-item]:not(.leaving)').length === n, before - by);
try {
  const { page, faults } = await open(browser);
  await enter(page);
  assert.equal(await items(page), 18);
  assert.match(await page.textContent('.top .count'), /18/);

  // Right to left, as it is read.
  await page.goto(`${base}/console?q=پانی`);
  const direction = await page.$eval('.text', (text) => getComputedStyle(text).direction);
  assert.equal(direction, 'rtl');

  assert.equal(await page.getAttribute('.text', 'lang'), 'ur');

  // By Tab: first past the menu, and every stop is seen.
  await page.goto(`${base}/console`);
  await page.keyboard.press('Tab');
  assert.match(await page.textContent(':focus'), /To the content/);
  for (let stop = 0; stop < 24; stop += 1) {
    const ring = await page.$eval(':focus', (at) => getComputedStyle(at).outlineStyle !== 'none' && at.getBoundingClientRect().left >= 0);
    assert.ok(ring, `stop ${stop} shows where it is`);
    await page.keyboard.press('Tab');
  }
  await page.goto(`${base}/console`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.$eval(':focus', (at) => at.id), 'main');

  await page.goto(`${base}/console`);
  // By keys.
  await page.keyboard.press('j');
  assert.match(await page.textContent('[data-item].current'), /Thank you/);
  await page.waitForSelector('aside.panel .tally');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('f');
  await toast(page, '1 comment approved');
  await gone(page, 18, 1);
  assert.match(await page.textContent('[data-item].current'), /idiots/, 'the next one is at hand');
  await page.keyboard.press('t');
  await gone(page, 17, 1);
  await page.waitForFunction(() => document.querySelector('.top .count').textContent === '16');
  assert.match(await page.title(), /^\(16\)/);
  assert.equal(await page.textContent('[data-waiting]'), '16 wait');
  await page.keyboard.press('u');
  await toast(page, 'back in the queue');
  assert.equal(await items(page), 17);
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
  assert.match(await page.textContent('[data-selected]'), /2 selected/);
  await page.keyboard.press('s');
  await toast(page, '2 comments rejected');
  await gone(page, 17, 2);
  await page.keyboard.press('?');
  assert.ok(await page.isVisible('dialog.keys'));
  await page.keyboard.press('?');
  await page.keyboard.press('/');
  await page.keyboard.type('f d council');
  assert.equal(await items(page), 15, 'keys are letters in a field');
  await page.fill('input[type=search]', 'council');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=council/);
  assert.equal(await items(page), 1);
  await page.goto(`${base}/console?q=nothing+like+this`);
  assert.match(await page.textContent('.empty'), /Nothing here waits/);

  // A wave, at once.
  await page.goto(`${base}/console/waves`);
  assert.match(await page.textContent('.size'), /12/);
  await page.click('[data-item] button[value=spam]');
  // The last one on the page: it is loaded anew, and the way back with it.
  await page.waitForSelector('.empty:has-text("No waves")');
  await toast(page, '12 comments rejected');
  await page.click('.toast button');
  await page.waitForSelector('[data-item]');
  await toast(page, '12 comments back in the queue');
  await page.click('[data-item] button[value=spam]');
  await page.waitForSelector('.empty:has-text("No waves")');
  await toast(page, '12 comments rejected');

  // On a phone the filters are folded away, and several are chosen before they are sent.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${base}/console`);
  const top = await page.$eval('[data-item]', (first) => first.getBoundingClientRect().top);
  assert.ok(top < 330, `the first comment is ${top} px down`);
  assert.equal(await page.isVisible('select[name=reason]'), false);
  await page.click('.choices summary');
  await page.selectOption('select[name=reason]', 'SPAM_SCORE');
  await page.selectOption('select[name=min]', '50');
  assert.equal(page.url(), `${base}/console`);
  await page.click('.filter > button');
  await page.waitForURL(/reason=SPAM_SCORE.*min=50/);
  assert.match(await page.textContent('.choices summary'), /Filters\s*2/);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${base}/console`);
  assert.ok(await page.isVisible('select[name=reason]'), 'where there is room they are there at once');
  assert.equal(await page.isVisible('.choices summary'), false);
  const line = await page.$$eval('.choices label', (all) => new Set(all.map((label) => Math.round(label.getBoundingClientRect().bottom))).size);
  assert.equal(line, 1, 'in one line');

  // Without a script.
  const plain = await open(browser, { javaScriptEnabled: false });
  await signIn(plain.page, 'ayesha khan');
  const before = await items(plain.page);
  await plain.page.click('[data-item] >> nth=0 >> button[value=approve]');
  await plain.page.waitForURL(/done=approved/);
  assert.match(await plain.page.textContent('.flash'), /1 comment approved/);
  assert.equal(await items(plain.page), before - 1);
  await plain.page.click('.flash button');
  await plain.page.waitForURL(/done=undone/);
  assert.equal(await items(plain.page), before);
  await plain.page.check('[data-item] >> nth=0 >> input[name=comment][type=checkbox]');
  await plain.page.check('[data-item] >> nth=1 >> input[name=comment][type=checkbox]');
  await plain.page.click('#bulk button[value=reject]');
  await plain.page.waitForURL(/done=rejected/);
  assert.match(await plain.page.textContent('.flash'), /2 comments rejected/);
  await plain.page.goto(`${base}/console/history`);
  const undo = plain.page.locator('.past-item form button');
  const undoable = await undo.count();
  assert.ok(undoable >= 10, `${undoable} can be undone`);
  await undo.first().click();
  assert.match(await plain.page.textContent('.flash'), /back in the queue/);

  // Somebody new, by a link; and two at one comment.
  await page.goto(`${base}/console/moderators`);
  await page.fill('[name=name]', 'Bilal');
  await page.click('text=Add a moderator');
  const link = await page.inputValue('.shown-once input');
  const other = await open(browser);
  await other.page.goto(link);
  await other.page.fill('[name=password]', password);
  await other.page.fill('[name=again]', password);
  await other.page.click('button.primary');
  await other.page.waitForURL(`${base}/console`);
  assert.equal(await other.page.locator('nav >> text=Moderators').count(), 0);
  await page.goto(`${base}/console`);
  await page.click('[data-item] >> nth=0 >> [data-open]');
  await page.click('button[value=claim]');
  await page.waitForSelector('button[value=release]');
  await page.fill('[name=text]', 'looked at the minutes <b>');
  await page.click('button[value=note]');
  await page.waitForSelector('.log :text-is("looked at the minutes <b>")');
  await other.page.reload();
  assert.match(await other.page.textContent('[data-item] >> nth=0'), /Ayesha Khan works on it/);
  await other.page.keyboard.press('j');
  await other.page.keyboard.press('f');
  await toast(other.page, 'Ayesha Khan works on it');
  await page.click('button[value=approve]');
  await page.waitForURL(/done=approved/);
  // The keys went on to the next one; back to the one that was refused.
  await other.page.keyboard.press('k');
  await other.page.keyboard.press('f');
  await toast(other.page, 'Ayesha Khan decided first');
  await sound(other.page, 'a queue two work at');

  // By keys on a comment's own page.
  await page.goto(`${base}/console`);
  await page.click('[data-item] >> nth=0 >> [data-open]');
  await page.waitForSelector('form[data-press]');
  assert.equal(await page.locator('form[data-undo]').count(), 0, 'nothing to undo yet');
  await page.keyboard.press('f');
  await page.waitForURL(/done=approved/);
  assert.equal(await page.locator('form[data-press]').count(), 0);
  await page.keyboard.press('u');
  await page.waitForURL(/done=undone/);
  await page.waitForSelector('form[data-press]');

  // Until nothing waits.
  await page.goto(`${base}/console`);
  await page.check('[data-all]');
  await page.keyboard.press('d');
  await page.waitForSelector('.empty:has-text("All done")');
  await sound(page, 'an empty queue');
  await page.goto(`${base}/console/numbers`);
  await page.waitForSelector('.chart .bar');
  await sound(page, 'the numbers');

  // Out, and no way back.
  const kept = await page.context().cookies();
  assert.ok(kept.length === 1 && kept[0].httpOnly && kept[0].sameSite === 'Lax', JSON.stringify(kept));
  await page.click('text=Sign out');
  await page.waitForURL(/sign-in/);
  await page.context().addCookies(kept);
  await page.goto(`${base}/console/history`);
  assert.match(page.url(), /sign-in\?back=/);
  await accessible(page, 'the sign-in page');
  assert.deepEqual([...faults, ...plain.faults, ...other.faults], []);
} finally {
  await browser.close();
}
