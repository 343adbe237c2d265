// Passkeys in a real browser against the real hub: Chromium with the virtual authenticator of its
// DevTools (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/). From an invitation's
// link to a cloned passkey that is stopped.
//
// FAIRLEAD_SCREENSHOTS=DIR keeps pictures of the pages: light, dark, 320 px wide, in Spanish.
import assert from 'node:assert/strict';
import {createHash, randomBytes, randomUUID} from 'node:crypto';
import path from 'node:path';

import {join, newPage, signIn, startBrowser, status} from './browser.mjs';
import {startHub} from './hub.mjs';

const pictures = process.env.FAIRLEAD_SCREENSHOTS;

const newCode = () => randomBytes(32).toString('base64url');
const sha256 = (text) => createHash('sha256').update(text).digest('base64url');

async function setUp(hub, codes) {
  const answer = await hub.call('IdentityService/SetUp', {
    requestId: randomUUID(), setUpCode: hub.setUpCode, agencyName: 'Harbor Coalition',
    coordinators: codes.map((code, index) => ({
      displayName: ['Rosa Alvarez', 'Lee Tran'][index], invitationCodeSha256: sha256(code),
    })),
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

// What the page itself may do, through its own module and the session in its cookie.
const stepUp = ({page}) => page.evaluate(async () => {
  const {stepUp: run} = await import('/passkey.js');
  return run();
});
const reasonOf = ({page}, name) => page.evaluate(async (what) => {
  const module = await import('/passkey.js');
  return module[what]().then(() => '', (error) => error.reason);
}, name);

async function joinsAndSignsIn(hub, rosa, code) {
  await join(rosa, hub, code, 'Rosa.Alvarez');
  await rosa.page.locator('#done').waitFor();
  assert.equal(await rosa.page.evaluate(() => document.activeElement.id), 'done-heading');
  const {credentials} = await rosa.devtools.send('WebAuthn.getCredentials',
                                                 {authenticatorId: rosa.authenticatorId});
  assert.equal(credentials.length, 1);
  assert.equal(credentials[0].rpId, 'localhost');
  assert.equal(credentials[0].isResidentCredential, true);

  await signIn(rosa, hub);
  assert.match(await rosa.page.locator('#who').textContent(), /Rosa Alvarez · Harbor Coalition/);
  assert.equal(await rosa.page.locator('#passkeys li').count(), 1);
  const cookies = await rosa.page.context().cookies(hub.url);
  assert.equal(cookies.length, 1);
  assert.equal(cookies[0].httpOnly, true);
  assert.equal(cookies[0].sameSite, 'Strict');
  assert.equal(await rosa.page.evaluate(() => document.cookie), '', 'no script sees the session');
}

async function aLinkWorksOnce(hub, context, errors, code) {
  const late = await newPage(context, errors);
  await join(late, hub, code, 'somebody.else');
  await status(late.page).filter({hasText: 'no longer works'}).waitFor();
  await late.page.goto(`${hub.url}/join`);
  await status(late.page).filter({hasText: 'whole link'}).waitFor();
  await late.page.close();
}

async function stepsUpAndKeepsPasskeys(rosa) {
  const before = await rosa.page.evaluate(async () => (await import('/passkey.js')).me());
  const {session} = await stepUp(rosa);
  assert.equal(session.id, before.session.id, 'the same session');
  assert.equal(session.method, 'SIGN_IN_METHOD_PASSKEY');
  assert.ok(session.stepUpExpireTime > before.session.stepUpExpireTime, 'proven later than before');
  // The same authenticator is not taken twice; the last passkey cannot be removed.
  await rosa.page.locator('#add').click();
  await status(rosa.page).filter({hasText: 'a passkey for you already'}).waitFor();
  await rosa.page.locator('#passkeys button').click();
  await status(rosa.page).filter({hasText: 'all you can sign in with'}).waitFor();
  assert.equal(await rosa.page.locator('#passkeys li').count(), 1);
}

async function aWrongPersonIsRefused(hub, rosa) {
  // Without the finger, the face or the PIN nothing goes out, and nothing changes.
  await rosa.devtools.send('WebAuthn.setUserVerified',
                           {authenticatorId: rosa.authenticatorId, isUserVerified: false});
  assert.equal(await reasonOf(rosa, 'stepUp'), 'CANCELLED');
  await rosa.devtools.send('WebAuthn.setUserVerified',
                           {authenticatorId: rosa.authenticatorId, isUserVerified: true});
  // Another port is another origin: the browser answers, the hub does not believe it.
  const other = await hub.call('PasskeyService/BeginPasskeySignIn', {});
  assert.equal(other.status, 200);
  const reason = await rosa.page.evaluate(async (optionsJson) => {
    const options = JSON.parse(optionsJson);
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const answer = (await navigator.credentials.get({publicKey})).toJSON();
    const clientData = JSON.parse(atob(answer.response.clientDataJSON
      .replaceAll('-', '+').replaceAll('_', '/')));
    clientData.origin = 'http://localhost:1';
    answer.response.clientDataJSON = btoa(JSON.stringify(clientData))
      .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const response = await fetch('/fairlead.identity.v1.PasskeyService/SignInWithPasskey', {
      method: 'POST',
      headers: {'content-type': 'application/json', 'fairlead-client': 'web'},
      body: JSON.stringify({assertionJson: JSON.stringify(answer)}),
    });
    return (await response.json()).details[0].debug.reason;
  }, other.body.optionsJson);
  assert.equal(reason, 'SIGN_IN_FAILED');
}

async function aCloneIsStopped(hub, rosa) {
  const {credentials: [credential]} = await rosa.devtools.send(
      'WebAuthn.getCredentials', {authenticatorId: rosa.authenticatorId});
  assert.ok(credential.signCount >= 2, 'this authenticator counts');
  await rosa.devtools.send('WebAuthn.clearCredentials', {authenticatorId: rosa.authenticatorId});
  await rosa.devtools.send('WebAuthn.addCredential', {
    authenticatorId: rosa.authenticatorId, credential: {...credential, signCount: 0},
  });
  assert.equal(await reasonOf(rosa, 'me'), '', 'the session stands until then');
  assert.equal(await reasonOf(rosa, 'signIn'), 'PASSKEY_CLONED');
  assert.equal(await reasonOf(rosa, 'me'), 'SESSION_INVALID', 'every session of hers has ended');
  assert.equal(await reasonOf(rosa, 'signIn'), 'SIGN_IN_FAILED', 'and the passkey is stopped');
  await rosa.page.goto(`${hub.url}/sign-in`);
  await rosa.page.locator('#sign-in').click();
  await status(rosa.page).filter({hasText: 'was not accepted'}).waitFor();
}

async function takePictures(hub, lee) {
  if (!pictures) return;
  for (const [scheme, width] of [['light', 1000], ['dark', 1000], ['light', 320], ['dark', 320]]) {
    await lee.page.emulateMedia({colorScheme: scheme});
    await lee.page.setViewportSize({width, height: 900});
    for (const address of ['/sign-in', '/es/sign-in', `/join#${newCode()}`,
                           `/es/join#${newCode()}`]) {
      await lee.page.goto('about:blank');
      await lee.page.goto(hub.url + address);
      await lee.page.locator('h1:visible').waitFor();
      const name = address.split('#')[0].replaceAll('/', '_');
      await lee.page.screenshot({path: path.join(pictures, `${name}_${scheme}_${width}.png`),
                                 fullPage: true});
    }
  }
}

// Nothing is cut off where the screen is 320 px wide (WCAG 2.2, 1.4.10).
async function fitsSmallScreens(hub, lee) {
  await lee.page.setViewportSize({width: 320, height: 640});
  for (const address of ['/', '/es', '/nope', '/es/nope', '/sign-in', '/es/sign-in',
                         `/join#${newCode()}`, `/es/join#${newCode()}`]) {
    await lee.page.goto('about:blank');
    await lee.page.goto(hub.url + address);
    await lee.page.locator('h1:visible').waitFor();
    const wide = await lee.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${address} is ${wide} px wide`);
  }
}

const hub = await startHub();
const context = await startBrowser();
const errors = [];
try {
  const codes = [newCode(), newCode()];
  await setUp(hub, codes);
  const rosa = await newPage(context, errors);
  await joinsAndSignsIn(hub, rosa, codes[0]);
  await aLinkWorksOnce(hub, context, errors, codes[0]);
  await stepsUpAndKeepsPasskeys(rosa);
  await aWrongPersonIsRefused(hub, rosa);
  await aCloneIsStopped(hub, rosa);
  // A colleague is not touched by any of it, and signs out.
  const lee = await newPage(context, errors);
  await join(lee, hub, codes[1], 'lee');
  await lee.page.locator('#done').waitFor();
  await signIn(lee, hub);
  await takePictures(hub, lee);
  await fitsSmallScreens(hub, lee);
  await lee.page.goto(`${hub.url}/sign-in`);
  await lee.page.locator('#sign-out').click();
  await status(lee.page).filter({hasText: 'signed out'}).waitFor();
  assert.equal(await reasonOf(lee, 'me'), 'SIGN_IN_REQUIRED');
  assert.deepEqual(errors, []);
} finally {
  await context.close();
}
assert.equal(await hub.stop(), 0);
console.log('passkeys in Chromium: joined, signed in, stepped up, refused, cloned and stopped');
process.exit(0);
