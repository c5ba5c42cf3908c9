// Pictures of a console in which nothing has happened yet.
import { base, enter, launch, open } from './visit.mjs';

const browser = await launch();
const folder = process.env.PICTURES;
try {
  const { page } = await open(browser);
  await page.goto(process.env.LINK);
  await page.screenshot({ path: `${folder}/desk-welcome.png` });
  await enter(page);
  await page.screenshot({ path: `${folder}/desk-empty.png` });
  await page.goto(`${base}/console/numbers`);
  await page.screenshot({ path: `${folder}/desk-empty-numbers.png` });
} finally {
  await browser.close();
}
