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
  // Where one call does not take all of it, what is left stays in sight to be decided once more.
  const left = { message: '10 comments rejected. 1,000 wait still', done: [], kept: [], undo: null, left: 1000 };
  await page.route('**/console/decide', (route) => route.fulfill({ json: left }), { times: 1 });
  await page.click('[data-item] button[value=spam]');
  await toast(page, '1,000 wait still');
  assert.match(await page.textContent('[data-item]:not(.leaving) .size'), /1010/);
  await page.click('[data-item] button[value=spam]');
  await page.waitForSelector('.empty:has-text("No waves")');
  await toast(page, '1,010 comments rejected');
  // It fails, and is taken back whole when it is asked for again.
  await page.route('**/console/undo', (route) => route.abort(), { times: 1 });
  await page.keyboard.press('u');
  await toast(page, 'No answer');
  await page.click('.toast button');
  await page.waitForSelector('[data-item]');
  await toast(page, '1,010 comments back in the queue');
  assert.match(await page.textContent('.size'), /1010/);
  assert.deepEqual(faults.filter((fault) => !/ERR_FAILED/.test(fault)), []);
} finally {
  await browser.close();
}
