// Pictures of the operator's pages, in the state that is named.
import { base, launch, open, signIn } from './visit.mjs';

const browser = await launch();
const folder = process.env.PICTURES;
const stage = process.env.STAGE;
try {
  const { page, context } = await open(browser);
  // Once: attempts to sign in are limited.
  await signIn(page, 'Ayesha');
  for (const [name, colorScheme, width] of [['desk', 'light', 1280], ['dark', 'dark', 1280], ['phone', 'light', 390]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    const take = async (what) => page.screenshot({ path: `${folder}/${name}-${stage}-${what}.png`, fullPage: true });
    await page.goto(`${base}/console/models`);
    await take('models');
    if (stage === 'nothing' || stage === 'full') {
      await page.click('#operations + ul a >> nth=0');
      await take('replay');
    }
    await page.goto(`${base}/console/blind`);
    await take('blind');
    if (stage === 'full') {
      await page.goto(`${base}/console/models`);
      await page.click('tbody a >> nth=0');
      await take('model');
      await page.click('section[aria-labelledby=shadow] button');
      await take('trials');
      await page.goBack();
      await page.click('section[aria-labelledby=promote] button');
      await page.waitForSelector('.problem');
      await take('refused');
      await page.goto(`${base}/console/models/explain?q=zorblat+veeam+casino`);
      await take('explain');
      await page.goto(`${base}/console/models/diff`);
      await page.click('input[type=submit]');
      await take('diff');
      if (name === 'desk') {
        await page.goto(`${base}/console/blind`);
        await page.click('article button[value=approve]');
        await page.waitForSelector('.flash');
        await take('blind-differs');
        await page.goto(`${base}/console/numbers`);
        await take('numbers');
        await page.goto(`${base}/console/models`);
        await page.click('form[action$=train] button');
        await take('running');
      }
    }
  }
  await context.close();
} finally {
  await browser.close();
}
