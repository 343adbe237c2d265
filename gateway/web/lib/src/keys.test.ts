import './testing.js';

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {fingerprint} from './fingerprint.js';
import {generateKey} from './jwk.js';
import {
  beginEpoch, type KeyList, listHash, listsDevice, MAX_PAST_EPOCHS, nextList, parseKeyList,
  signKeyList, withDevice,
} from './key_list.js';
import {MAX_LIFE_S, parseCertificate, parseFirstRoot, parseNextRoot, SKEW_S, signCertificate,
        signRoot} from './statements.js';
import {refused} from './testing.js';
import {followRoots, judge, readRoots, senderKey} from './trust.js';
import {readWrap, unwrapKeys, wrapKeys} from './wraps.js';

const NOW = 1_790_000_000;
const AGENCY = '0190163d-8694-739b-aea5-966c26f8ad90';
const STAFF = '0190163d-8694-739b-aea5-966c26f8ad91';
const root = await generateKey('signing');
const agency = await generateKey('signing');
const device = await generateKey('epoch');
const newEpoch = async (epoch: number) => ({
  epoch,
  epochKey: await generateKey('epoch', {extractable: true}),
  signingKey: await generateKey('signing', {extractable: true}),
});
const [one, two] = [await newEpoch(1), await newEpoch(2)];
const first: KeyList = withDevice({
  agencyId: AGENCY, agencyKey: agency.publicKey, version: 1, previous: '', epoch: 1,
  epochKey: one.epochKey.publicKey, signingKey: one.signingKey.publicKey, past: [], devices: [],
  issuedS: NOW, expiresS: NOW + MAX_LIFE_S,
}, {key: device.publicKey, staffId: STAFF});
const certificate = {
  agencyId: AGENCY, name: 'An agency', agencyKey: agency.publicKey, issuedS: NOW,
  expiresS: NOW + MAX_LIFE_S,
};
const firstRoot = {
  number: 1, root: root.publicKey, coalition: 'Harbor', previous: '', issuedS: NOW,
};

test('a fingerprint is the first hundred bits of the kid', () => {
  assert.equal(fingerprint('A'.repeat(43)), '0000-0000-0000-0000-0000');
  assert.equal(fingerprint('_'.repeat(42) + '8'), 'ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ');
  // 00 44 32 14 c7: the symbols 0 to 7 of five bits each.
  const kid = Buffer.from('00443214c7'.padEnd(64, '0'), 'hex').toString('base64url');
  assert.equal(fingerprint(kid), '0123-4567-0000-0000-0000');
  assert.equal(fingerprint('no kid'), '');
});

test('statements come back as they were signed', async () => {
  const second = await generateKey('signing');
  const nextRoot =
      {...firstRoot, number: 2, root: second.publicKey, previous: root.publicKey.kid};
  assert.deepEqual(await parseFirstRoot(await signRoot(firstRoot, root), NOW), firstRoot);
  assert.deepEqual(
      await parseNextRoot(await signRoot(nextRoot, root), root.publicKey, NOW), nextRoot);
  assert.deepEqual(
      await parseCertificate(await signCertificate(certificate, root), root.publicKey, NOW),
      certificate);
  assert.deepEqual(await parseKeyList(await signKeyList(first, agency), NOW), first);
});

test('what would not be read is not signed', async () => {
  await refused(() => signRoot({...firstRoot, coalition: ''}, root), 'STATEMENT_INVALID:coalition');
  await refused(() => signRoot(firstRoot, device), 'INVALID_KEY:use');
  await refused(
      () => signCertificate({...certificate, expiresS: NOW}, root), 'STATEMENT_INVALID:exp');
  await refused(
      () => signKeyList({...first, devices: [...first.devices, ...first.devices]}, agency),
      'STATEMENT_INVALID:devices');
  await refused(() => signKeyList(first, root), 'STATEMENT_INVALID:agency_jwk');
});

test('the clock may be five minutes off, and no more', async () => {
  const list = await signKeyList(first, agency);
  const at = (nowS: number) => judge({agencyId: AGENCY}, {keyList: list, certificate: ''}, nowS);
  await at(NOW - SKEW_S);
  await refused(() => at(NOW - SKEW_S - 1), 'KEY_LIST_INVALID:iat');
  await at(NOW + MAX_LIFE_S + SKEW_S - 1);
  await refused(() => at(NOW + MAX_LIFE_S + SKEW_S), 'KEY_LIST_EXPIRED');
});

test('the name a person means an agency by, and keys of another agency', async () => {
  const answer = {keyList: await signKeyList(first, agency), certificate: ''};
  const known = {agencyId: AGENCY, expectedName: 'Northside Clinic'};
  const {pin, list} = await judge(known, answer, NOW);
  assert.equal(pin.name, 'Northside Clinic');  // nobody else has named it
  const later = {...known, agency: pin};
  assert.equal((await judge(later, answer, NOW)).pin.name, pin.name);
  assert.equal((await judge({...later, expectedName: ''}, answer, NOW)).pin.name, pin.name);
  await refused(
      () => judge({...later, expectedName: 'Harbor'}, answer, NOW), 'AGENCY_NAME_MISMATCH');

  assert.deepEqual(pin.kids, [list.agencyKey, list.epochKey, list.signingKey].map(({kid}) => kid));
  for (const kid of pin.kids) {
    await refused(
        () => judge({...known, kidsOfOthers: new Set([kid])}, answer, NOW),
        'KEY_OF_ANOTHER_AGENCY');
  }
});

test('a new epoch is believed, and wraps of both open on a listed device', async () => {
  const known = {root: await readRoots([await signRoot(firstRoot, root)], NOW), agencyId: AGENCY};
  const signed = await signCertificate(certificate, root);
  const list = await signKeyList(first, agency);
  const verdict = await judge(known, {keyList: list, certificate: signed}, NOW);
  assert.ok(verdict.firstUse && verdict.certified && !verdict.epochChanged);

  const next = beginEpoch(
      await nextList(list, first, NOW), two.epochKey.publicKey, two.signingKey.publicKey, NOW);
  const answer = {keyList: await signKeyList(next, agency), certificate: signed};
  const after = await judge({...known, agency: verdict.pin}, answer, NOW);
  assert.ok(after.epochChanged && !after.firstUse);
  assert.equal(after.pin.listHash, await listHash(answer.keyList));
  assert.equal(after.pin.name, 'An agency');

  for (const keys of [one, two]) {
    const wrap = await wrapKeys(AGENCY, 2, keys, device.publicKey);
    assert.deepEqual(readWrap(wrap), {
      agencyId: AGENCY, epoch: keys.epoch, deviceKid: device.publicKey.kid, version: 2,
    });
    const back = await unwrapKeys(wrap, device, after.list);
    assert.equal(back.epochKey.publicKey.kid, keys.epochKey.publicKey.kid);
    assert.equal(back.signingKey.handle.extractable, false);
    assert.ok((await unwrapKeys(wrap, device, after.list, {extractable: true}))
                  .epochKey.handle.extractable);
  }
  // Keys that were not asked for as extractable cannot be handed on.
  const kept = await unwrapKeys(
      await wrapKeys(AGENCY, 2, two, device.publicKey), device, after.list);
  await assert.rejects(wrapKeys(AGENCY, 2, kept, device.publicKey), /extractable/);
});

test('a past key signs what was sent in its time', () => {
  const list = beginEpoch(first, two.epochKey.publicKey, two.signingKey.publicKey, NOW);
  const kid = one.signingKey.publicKey.kid;
  assert.equal(senderKey(list, kid, NOW + SKEW_S).kid, kid);
  assert.throws(() => senderKey(list, kid, NOW + SKEW_S + 1), /SENDER_KEY_RETIRED/);
  assert.throws(() => senderKey(list, device.publicKey.kid, NOW), /SENDER_KEY_UNKNOWN/);
});

test('the past is kept for a hundred epochs, devices by kid', async () => {
  let list = first;
  for (let i = 0; i < MAX_PAST_EPOCHS + 5; ++i) {
    list = beginEpoch(list, two.epochKey.publicKey, two.signingKey.publicKey, NOW + i);
  }
  assert.equal(list.past.length, MAX_PAST_EPOCHS);
  assert.equal(list.past[0]!.epoch, list.epoch - MAX_PAST_EPOCHS);
  const other = await generateKey('epoch');
  const more = withDevice(withDevice(first, {key: other.publicKey, staffId: STAFF}),
                          {key: other.publicKey, staffId: AGENCY});
  assert.equal(more.devices.length, 2);
  assert.equal(more.devices.find((each) => each.key.kid === other.publicKey.kid)!.staffId, AGENCY);
  assert.ok(listsDevice(more, other.publicKey.kid) && !listsDevice(first, other.publicKey.kid));
});

test('a root that is pinned stays until a chain of signatures leads on', async () => {
  const second = await generateKey('signing');
  const statements = [
    await signRoot(firstRoot, root),
    await signRoot(
        {...firstRoot, number: 2, root: second.publicKey, previous: root.publicKey.kid}, root),
  ];
  const pin = await readRoots(statements.slice(0, 1), NOW);
  assert.deepEqual(await followRoots(pin, statements.slice(0, 1), NOW), pin);
  const later = await followRoots(pin, statements, NOW);
  assert.equal(later.root.kid, second.publicKey.kid);
  assert.deepEqual(await followRoots(later, statements, NOW), later);
  assert.deepEqual(await followRoots(later, statements.slice(1), NOW), later);
  await refused(() => followRoots(later, statements.slice(0, 1), NOW), 'ROOT_ROLLBACK');
});
