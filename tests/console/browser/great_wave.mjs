// A wave of more than one call takes, decided on and taken back.
import assert from 'node:assert/strict';
import { base, enter, launch, open } from './visit.mjs';

const browser = await launch();
const toast = async (page, words) => page.waitForSelector(`.toast:has-text("${words}")`);
try {
  const { page, faults } = await open(browser);
  await enter(page);
  await page.goto(`${base}/console/waves`);
  assert.match(await page.textContent('.size'), /1010/);
  await page.click('[data-item] button[value=spam]');
  await page.waitForSelector('.empty:has-text("No waves")');
  await toast(page, '1,010 comments rejected');
  // It fails half-way, and what is left is taken back when it is asked for again.
  let calls = 0;
  await page.route('**/console/undo', (route) => {
    calls += 1;
    return calls === 3 ? route.abort() : route.continue();
  });
  await page.keyboard.press('u');
  await toast(page, 'No answer');
  assert.equal(calls, 3);
  await page.click('.toast button');
  await page.waitForSelector('[data-item]');
  await toast(page, '510 comments back in the queue');
  assert.match(await page.textContent('.size'), /1010/);
  assert.deepEqual(faults.filter((fault) => !/ERR_FAILED/.test(fault)), []);
} finally {
  await browser.close();
}
