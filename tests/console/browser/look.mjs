// Pictures of every page, to be looked at.
import { base, launch, open, signIn } from './visit.mjs';

const browser = await launch();
const folder = process.env.PICTURES;
try {
  for (const [name, options] of Object.entries({
    desk: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  })) {
    const { page, context } = await open(browser, options);
    const take = async (what, whole = false) => page.screenshot({ path: `${folder}/${name}-${what}.png`, fullPage: whole });
    await page.goto(`${base}/console/sign-in`);
    await take('sign-in');
    await signIn(page, 'Ayesha Khan');
    if (name === 'desk') {
      await page.keyboard.press('j');
      await page.keyboard.press('f');
      await page.waitForSelector('.toast');
      await page.keyboard.press('x');
    }
    await page.keyboard.press('j');
    await page.waitForTimeout(400);
    await take('queue');
    await page.keyboard.press('?');
    await take('keys');
    await page.keyboard.press('?');
    await page.goto(`${base}/console?q=${encodeURIComponent('پانی')}`);
    await take('right-to-left');
    await page.click('[data-open]');
    await take('comment', true);
    for (const path of ['waves', 'history', 'authors', 'blind', 'numbers', 'account', 'moderators', 'nowhere']) {
      await page.goto(`${base}/console/${path}`);
      await take(path, path !== 'history');
    }
    await page.goto(`${base}/console/authors`);
    await page.click('tbody a');
    await take('author');
    await context.close();
  }
} finally {
  await browser.close();
}
