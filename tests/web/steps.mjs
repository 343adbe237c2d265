// What people do in the app, by keyboard where the app is used by keyboard.
//
// FAIRLEAD_SCREENSHOTS=DIR keeps pictures on the way.
import assert from 'node:assert/strict';
import path from 'node:path';

export const CANARY = 'canary-needs-a-doctor-tonight';
export const NUMBER = 'canary-512-555-0147';
const pictures = process.env.FAIRLEAD_SCREENSHOTS;

export async function picture(page, name) {
  if (pictures) await page.screenshot({path: path.join(pictures, `${name}.png`), fullPage: true});
}

export async function sendReferral(page) {
  await page.keyboard.press('n');
  await page.getByRole('combobox', {name: 'Need', exact: true}).selectOption('urgent_medical');
  await page.getByLabel('Urgent', {exact: true}).check();
  await page.getByLabel('County').fill('48453');
  await page.locator('.fields').getByRole('combobox', {name: 'Language'}).selectOption('es');
  const best = page.locator('.matches button').first();
  await best.waitFor();
  assert.match(await best.textContent(), /Northside Community Clinic.*Walk-in clinic/);
  await picture(page, 'new_matches');
  await page.locator('.part h2').nth(1).click();
  await page.keyboard.press('1');
  await recordRelease(page);
  await page.getByLabel('Summary').fill(CANARY);
  await page.getByLabel('Number or address').fill(NUMBER);
  await page.getByLabel('I have compared it').check();
  await picture(page, 'new_send');
  const send = page.getByRole('button', {name: 'Send to Northside Community Clinic'});
  await send.focus();
  await page.keyboard.press('Enter');
  await page.locator('.reading').waitFor();
}

async function recordRelease(page) {
  await page.getByRole('button', {name: 'Record a new release'}).click();
  const form = page.locator('.release-form');
  await form.getByLabel('Safe contact').check();
  await form.getByLabel('State whose law applies').fill('TX');
  for (const box of await form.locator('.stack input').all()) await box.check();
  await picture(page, 'new_release');
  await form.getByRole('button', {name: 'It is signed'}).click();
  await page.locator('.sealed-form').waitFor();
}

async function receive(page) {
  await page.goto(`${page.url().split('#')[0]}#/inbox`);
  await page.locator('.row').first().waitFor();
  return page.locator('.row', {hasText: 'Urgent medical care'});
}

async function openAndAccept(page, row) {
  await row.first().focus();
  await page.keyboard.press('Enter');
  await page.locator('.reading').waitFor();
  await page.keyboard.press('o');
  await page.locator('.packet').waitFor();
  const shown = await page.locator('.packet').textContent();
  assert.ok(shown.includes(CANARY) && shown.includes(NUMBER), 'opened in the other browser');
  await picture(page, 'opened');
  await page.keyboard.press('1');
  await page.getByRole('button', {name: 'Start service'}).waitFor();
}

const step = (page, name) => page.locator('.track li[data-done=true]', {hasText: name});

export async function handOff(harbor, northside) {
  const row = await receive(northside);
  const before = await row.count();
  await sendReferral(harbor);
  await step(harbor, 'Sent').waitFor();
  // It appears by itself, and its being shown is delivery, which the sender sees by itself.
  await row.nth(before).waitFor({timeout: 5000});
  await step(harbor, 'Delivered').waitFor();
  await openAndAccept(northside, row);
  await step(harbor, 'Opened').waitFor();
  await step(harbor, 'Accepted').waitFor();
  await northside.keyboard.press('s');
  await step(harbor, 'In service').waitFor();
  await northside.getByRole('button', {name: 'Complete'}).waitFor();
  await northside.keyboard.press('c');
  await northside.locator('dialog').waitFor();
  await northside.keyboard.press('3');
  await step(harbor, 'Completed').waitFor();
  await picture(harbor, 'completed');
}

// What waits already, declined with two keys.
export async function decline(page) {
  await page.goto(`${page.url().split('#')[0]}#/inbox`);
  await page.getByRole('button', {name: /^Waiting/}).click();
  await page.locator('[aria-pressed=true]', {hasText: 'Waiting'}).waitFor();
  const rows = page.locator('.row');
  await rows.first().waitFor();
  const before = await rows.count();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.reading .actions').waitFor();
  await page.keyboard.press('3');
  await page.locator('dialog').waitFor();
  await picture(page, 'decline');
  await page.keyboard.press('1');
  await page.locator('.track [data-ending]', {hasText: 'Declined'}).waitFor();
  await page.getByRole('button', {name: /^Waiting/}).click();
  assert.equal(await rows.count(), before - 1);
}

export async function keysStay(page) {
  const readable = await page.evaluate(async () => {
    const [{name}] = await indexedDB.databases();
    const database = await new Promise((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    const all = await new Promise((resolve) => {
      const request = database.transaction('things').objectStore('things').getAll();
      request.onsuccess = () => resolve(request.result);
    });
    const handles = all.flatMap((each) => each.handle ?? (each instanceof CryptoKey ? each : []));
    return handles.map((handle) => handle.extractable);
  });
  assert.ok(readable.length >= 4, 'a device key and two of the agency, and that of drafts');
  assert.ok(readable.every((each) => each === false), 'no private key can be read out');
}
