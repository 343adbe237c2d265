// One person with a passkey in Chromium, for a script that has a hub running:
//   FAIRLEAD_URL=http://localhost:PORT node tests/browser/passkey_person.mjs LINK_FILE SIGN_IN_NAME
// Joins by the invitation's link, signs in, steps up, and says in JSON who the hub takes them for.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';

import {join, newPage, signIn, startBrowser} from './browser.mjs';

const [linkFile, name] = process.argv.slice(2);
const hub = {url: process.env.FAIRLEAD_URL};
const code = new URL(readFileSync(linkFile, 'utf8').trim()).hash.slice(1);
const errors = [];
const context = await startBrowser();
let me;
try {
  const person = await newPage(context, errors);
  await join(person, hub, code, name);
  await person.page.locator('#done').waitFor();
  await signIn(person, hub);
  me = await person.page.evaluate(async () => {
    const passkey = await import('/passkey.js');
    await passkey.stepUp();
    return passkey.me();
  });
  assert.equal(me.session.method, 'SIGN_IN_METHOD_PASSKEY');
  assert.deepEqual(errors, []);
} finally {
  await context.close();
}
console.log(JSON.stringify(me));
process.exit(0);
