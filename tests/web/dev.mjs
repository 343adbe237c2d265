import playwright from '../browser/node_modules/playwright-core/index.mjs';
import {readDemo, setUpKeys, signIn} from './people.mjs';
export const app = 'http://127.0.0.1:7521/app/';
export const hub = {url: 'http://127.0.0.1:7520', data: '/tmp/webdev/root/data', program: process.env.FAIRLEAD_BUILD_DIR + '/bin/fairlead'};
export async function attach(port) {
  const browser = await playwright.chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = browser.contexts()[0].pages()[0];
  page.setDefaultTimeout(20000);
  page.on('console', (m) => { if (m.type() === 'error') console.log('console', m.text()); });
  page.on('pageerror', (e) => console.log('pageerror', String(e)));
  return page;
}
export async function enter(page, name, admin) {
  const demo = readDemo(hub);
  await signIn(page, app, demo, name);
  await setUpKeys(page, app, hub, admin);
}
