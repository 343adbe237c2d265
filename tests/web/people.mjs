// People of the demonstration's coalition in a browser: sign in, set the browser's keys up with the
// help of a colleague at the command line, and what goes over the wire meanwhile.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {createHmac} from 'node:crypto';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {promisify} from 'node:util';

const run = promisify(execFile);

function base32(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const symbol of text) bits += alphabet.indexOf(symbol).toString(2).padStart(5, '0');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}

// RFC 6238 with the usual parameters.
function totp(uri, nowMs) {
  const secret = base32(new URL(uri).searchParams.get('secret'));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// Each code works once.
const usedSteps = new Map();
async function freshCode(person) {
  const stepOf = () => Math.floor(Date.now() / 30_000);
  while (usedSteps.get(person.sign_in_name) === stepOf()) await pause(1000);
  usedSteps.set(person.sign_in_name, stepOf());
  return totp(person.totp_uri, Date.now());
}

export function readDemo(hub) {
  return JSON.parse(readFileSync(path.join(hub.data, 'demo/sign-ins.json'), 'utf8'));
}

// The command line as one of them; each has a profile.
export async function cli(hub, name, words) {
  const profile = name.replace('.', '-');
  const home = path.join(hub.data, '../home');
  const env = {...process.env, FAIRLEAD_URL: hub.url, FAIRLEAD_HOME: home};
  const {stdout} = await run(hub.program, ['--profile', profile, ...words], {env});
  return stdout;
}

export async function signIn(page, app, demo, name) {
  const person = demo.people.find((each) => each.sign_in_name === name);
  await page.goto(app);
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=passphrase]').fill(demo.passphrase);
  await page.locator('input[name=code]').fill(await freshCode(person));
  await page.keyboard.press('Enter');
  await page.locator('.bar').waitFor();
  return person;
}

// Both compare: the administrator this browser's fingerprint, the person the agency's.
export async function setUpKeys(page, app, hub, admin) {
  await page.goto(`${app}#/keys`);
  await page.locator('.page button.main').click();
  const shown = (await page.getByTestId('fingerprint').textContent()).trim();
  const command = (await page.getByTestId('command').textContent()).trim().split(' ');
  await cli(hub, admin, ['demo', 'use', admin, '--data', hub.data]);
  const devices = JSON.parse(await cli(hub, admin, ['--json', 'key', 'devices'])).devices;
  const device = devices.find((each) => each.id === command[3]);
  assert.ok(device, 'the administrator sees the device');
  const confirmed = JSON.parse(
    await cli(hub, admin, ['--json', ...command.slice(1), '--yes']));
  // The page goes on by itself: an event tells it that keys were published.
  const agency = page.getByTestId('agency-fingerprint');
  await agency.waitFor();
  assert.equal((await agency.textContent()).trim(), confirmed.agencyFingerprint);
  await page.locator('.page button.main').click();
  await page.locator('.note.good').waitFor();
  assert.match(shown, /^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$/);
}
