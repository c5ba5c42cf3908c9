// Pictures of the operator's pages, in the state that is named.
import { base, launch, open, signIn } from './visit.mjs';

const browser = await launch();
const folder = process.env.PICTURES;
const stage = process.env.STAGE;
try {
  for (const [name, options] of Object.entries({
    desk: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  })) {
    const { page, context } = await open(browser, options);
    const take = async (what) => page.screenshot({ path: `${folder}/${name}-${stage}-${what}.png`, fullPage: true });
    await signIn(page, 'Ayesha');
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
    await context.close();
  }
} finally {
  await browser.close();
}
