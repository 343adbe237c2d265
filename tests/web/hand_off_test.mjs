// A hand-off between two browsers, from the need to the completed service: Harbor House seals, and
// Northside opens, each in a browser of its own, at a real hub.
import assert from 'node:assert/strict';

import {startBrowser} from '../browser/browser.mjs';
import {startHub} from '../browser/hub.mjs';
import {findApp} from './app.mjs';
import {readDemo, setUpKeys, signIn} from './people.mjs';
import {CANARY, decline, handOff, keysStay, NUMBER, picture} from './steps.mjs';
import {Watch} from './watch.mjs';

const hub = await startHub({demo: true});
const app = await findApp(hub);
const demo = readDemo(hub);
const watch = new Watch(app);
const contexts = [await startBrowser(), await startBrowser()];
try {
  const [harbor, northside] = await Promise.all(contexts.map(async (context, at) => {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    watch.follow(page, at === 0 ? 'harbor' : 'northside');
    return page;
  }));
  await signIn(harbor, app, demo, 'harbor.caseworker');
  await setUpKeys(harbor, app, hub, 'harbor.admin');
  await signIn(northside, app, demo, 'northside.caseworker');
  await setUpKeys(northside, app, hub, 'northside.admin');
  await handOff(harbor, northside);
  await decline(northside);
  await keysStay(harbor);
  watch.assertQuiet([CANARY, NUMBER]);
} catch (error) {
  await Promise.all(contexts.map((context, at) => picture(context.pages().at(-1), `failed_${at}`)));
  throw error;
} finally {
  await Promise.all(contexts.map((context) => context.close()));
}
assert.equal(await hub.stop(), 0);
console.log('two browsers: sealed, delivered, opened, accepted, served, completed; one declined');
process.exit(0);
