// Each screen in English and Spanish, light and dark, wide and 320 px: axe-core finds nothing, and
// nothing is cut off.
//
// FAIRLEAD_SCREENSHOTS=DIR keeps a picture of each.
import assert from 'node:assert/strict';

import {startBrowser} from '../browser/browser.mjs';
import {startHub} from '../browser/hub.mjs';
import {findApp} from './app.mjs';
import {readDemo, setUpKeys, signIn} from './people.mjs';
import {lookAtDoor, lookAtScreens} from './screens.mjs';
import {Watch} from './watch.mjs';

const hub = await startHub({demo: true});
const app = await findApp(hub);
const demo = readDemo(hub);
const watch = new Watch(app);
const context = await startBrowser();
let seen;
try {
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  watch.follow(page, 'northside');
  seen = await lookAtDoor(page, app);
  await signIn(page, app, demo, 'northside.caseworker');
  await setUpKeys(page, app, hub, 'northside.admin');
  seen += await lookAtScreens(page, app);
  watch.assertQuiet([]);
} finally {
  await context.close();
}
assert.equal(await hub.stop(), 0);
console.log(`${seen} screens: axe-core found nothing, and nothing is cut off`);
process.exit(0);
