// Chromium with the virtual authenticator of its DevTools
// (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/), and the pages' first steps.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const chromiumPath = '/usr/bin/chromium';

export async function startBrowser() {
  let playwright;
  try {
    playwright = await import('playwright-core');
  } catch {
    console.log('skipped: run npm ci in tests/browser first');
    process.exit(77);
  }
  if (!existsSync(chromiumPath)) {
    console.log(`skipped: there is no ${chromiumPath}`);
    process.exit(77);
  }
  const profile = mkdtempSync(path.join(os.tmpdir(), 'fairlead-chromium-'));
  const context = await playwright.chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
           '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  process.once('exit', () => rmSync(profile, {recursive: true, force: true}));
  return context;
}

// A page with an authenticator of its own, where every error of the page is an error of the test.
export async function newPage(context, errors) {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // A refused call is logged by the browser itself; what the policy stops must not happen.
    if (message.type() === 'error' && !message.text().includes('status of 4')) {
      errors.push(message.text());
    }
  });
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const {authenticatorId} = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return {page, devtools, authenticatorId};
}

export const status = (page) => page.locator('#status');

// By the page of an invitation's link.
export async function join({page}, hub, code, name) {
  await page.goto(`${hub.url}/join#${code}`);
  await page.locator('#name').fill(name);
  assert.equal(new URL(page.url()).hash, '', 'the code does not stay in the address bar');
  await page.keyboard.press('Enter');
}

export async function signIn({page}, hub) {
  await page.goto(`${hub.url}/sign-in`);
  await page.locator('#sign-in').click();
  await page.locator('#in').waitFor();
}
