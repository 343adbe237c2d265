// Statements, key lists, wraps and packets between our C++ and the library of the web app
// (gateway/web/lib), both ways: what one makes, the other believes and opens, and learns the same.
import {spawnSync} from 'node:child_process';
import {randomUUID, webcrypto} from 'node:crypto';
import {existsSync} from 'node:fs';
import path from 'node:path';

import {clientOf} from '../malicious_hub/client.mjs';

globalThis.crypto ??= webcrypto;  // Node 18

const bin = path.resolve(process.env.FAIRLEAD_BUILD_DIR ?? 'build/release', 'bin');
const built = new URL('../../../gateway/web/lib/build/index.js', import.meta.url);
for (const each of [`${bin}/keys_tool`, `${bin}/malicious_hub_client`, built]) {
  if (existsSync(each)) continue;
  console.log(`skipped: ${each} is not built`);
  process.exit(77);
}
const lib = await import(built.href);
const library = clientOf(lib);

function run(tool, input, ...verbs) {
  const done = spawnSync(path.join(bin, tool), verbs, {
    input: input === undefined ? '' : JSON.stringify(input), encoding: 'utf8', timeout: 30_000,
    maxBuffer: 4 * 1024 * 1024,
  });
  if (done.status !== 0) throw new Error(`${tool}: status ${done.status} ${done.stderr}`);
  return JSON.parse(done.stdout);
}
const cpp = (exchange) => run('malicious_hub_client', [exchange])[0];

let failures = 0;
let checks = 0;
function checkEqual(got, want, what) {
  ++checks;
  if (JSON.stringify(got) === JSON.stringify(want)) return;
  ++failures;
  console.error(`FAILED: ${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

// ---- an honest exchange made by the library, as keys_tool.cc makes one

const DAY_S = 24 * 3600;
const nowS = Math.floor(Date.now() / 1000);
const extractable = {extractable: true};

async function newAgency(name, device) {
  const id = randomUUID();
  const key = await lib.generateKey('signing');
  const epochs = [];
  for (const epoch of [1, 2]) {
    epochs.push({
      epoch, epochKey: await lib.generateKey('epoch', extractable),
      signingKey: await lib.generateKey('signing', extractable),
    });
  }
  const other = await lib.generateKey('epoch');
  const first = lib.withDevice({
    agencyId: id, agencyKey: key.publicKey, version: 1, previous: '', epoch: 1,
    epochKey: epochs[0].epochKey.publicKey, signingKey: epochs[0].signingKey.publicKey, past: [],
    devices: [], issuedS: nowS - DAY_S, expiresS: nowS + DAY_S,
  }, {key: other.publicKey, staffId: randomUUID()});
  const firstJws = await lib.signKeyList(first, key);
  const {epochKey, signingKey} = epochs[1];
  const next = lib.withDevice(
      lib.beginEpoch(await lib.nextList(firstJws, first, nowS), epochKey.publicKey,
                     signingKey.publicKey, nowS),
      {key: device.publicKey, staffId: randomUUID()});
  return {id, name, key, epochs, lists: [firstJws, await lib.signKeyList(next, key)]};
}

async function judgeStep(agency, list, root) {
  const certificate = await lib.signCertificate({
    agencyId: agency.id, name: agency.name, agencyKey: agency.key.publicKey, issuedS: nowS,
    expiresS: nowS + lib.MAX_LIFE_S,
  }, root);
  return {
    step: 'judge', agency_id: agency.id, key_list: agency.lists[list], certificate, accepted: '',
    name: agency.name,
  };
}

async function packetStep(from, to) {
  const header = {
    referralId: randomUUID(), senderAgencyId: from.id, releaseHash: 'A'.repeat(43),
    purpose: 'referral', categories: ['identity', 'needs'], expiresS: nowS + DAY_S,
  };
  const packet = await lib.seal({
    header, plaintext: Buffer.from('{"words":"ñandú €😀"}'),
    recipients: [to, from].map((agency) => agency.epochs[1].epochKey.publicKey),
  }, from.epochs[1].signingKey);
  return {
    step: 'open', packet, agency_id: from.id, sent_s: nowS, referral_id: header.referralId,
    release_hash: header.releaseHash,
  };
}

async function makeExchange() {
  const [root, nextRoot] = [await lib.generateKey('signing'), await lib.generateKey('signing')];
  const device = await lib.generateKey('epoch', extractable);  // the test hands it to the C++
  const us = await newAgency('Refuge ñ', device);
  const them = await newAgency('Harbor', await lib.generateKey('epoch'));
  const statement = {
    number: 1, root: root.publicKey, coalition: 'Coalición ⚓', previous: '', issuedS: nowS,
  };
  const roots = [await lib.signRoot(statement, root)];
  const steps = [
    {step: 'read_roots', statements: [...roots]},
    await judgeStep(us, 0, root),
    await judgeStep(them, 0, root),
  ];
  roots.push(await lib.signRoot(
      {...statement, number: 2, root: nextRoot.publicKey, previous: root.publicKey.kid}, root));
  steps.push({step: 'follow_roots', statements: roots}, await judgeStep(us, 1, nextRoot),
             await judgeStep(them, 1, nextRoot));
  for (const keys of us.epochs) {
    steps.push({
      step: 'unwrap', agency_id: us.id, wrap: await lib.wrapKeys(us.id, 2, keys, device.publicKey),
      device_key: await lib.toPrivateJwkObject(device),
    });
  }
  steps.push(await packetStep(them, us));
  return {now_s: nowS, steps};
}

for (const [maker, exchange] of [
  ['the library', await makeExchange()], ['the C++ side', run('keys_tool')],
]) {
  const [byLibrary, byCpp] = [await library(exchange), cpp(exchange)];
  checkEqual(byLibrary.outcome, 'ok', `what ${maker} made, to the library`);
  checkEqual(byCpp.outcome, 'ok', `what ${maker} made, to the C++ side`);
  checkEqual(byLibrary.learned, byCpp.learned, `what ${maker} made, learned by both`);
  checkEqual(byLibrary.learned.length, exchange.steps.length, 'every step taken');
  checkEqual(Buffer.from(byLibrary.learned.at(-1) ?? '', 'base64url').toString().includes('ñandú'),
             true, 'the words of the packet');
  // Another clock, and neither believes it.
  const later = {...exchange, now_s: exchange.now_s + 500 * DAY_S};
  checkEqual((await library(later)).outcome, 'CERTIFICATE_EXPIRED', 'long after, the library');
  checkEqual(cpp(later).outcome, 'CERTIFICATE_EXPIRED', 'long after, the C++ side');
}
// The hash of a release, which neither takes from the hub.
for (let i = 0; i < 20; ++i) {
  const some = (...items) =>
      items.filter(() => Math.random() < 0.6).sort(() => Math.random() - 0.5);
  const release = {
    id: randomUUID(), formVersion: `${i}`, formHash: 'A'.repeat(43), jurisdiction: 'us-or',
    caseHandle: randomUUID(), discloserAgencyId: randomUUID(),
    recipientAgencyIds: [randomUUID(), randomUUID()], hubNamedAsIntermediary: i % 2 === 0,
    categories: some('needs', 'identity', 'Health', 'safe_contact', 'needs'),
    excludedCategories: some('legal', 'immigration'), purposes: some('referral', 'follow-up'),
    action: i, twoWay: i % 3 === 0, effectiveMs: nowS * 1000 + i, expireMs: (nowS + DAY_S) * 1000,
  };
  const snake = Object.fromEntries(Object.entries(release).map(
      ([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]));
  checkEqual(await lib.releaseHash(release), run('keys_tool', snake, 'release-hash').hash,
             'the hash of a release');
}
console.log(`keys, gateway/web/lib: ${checks} checks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
