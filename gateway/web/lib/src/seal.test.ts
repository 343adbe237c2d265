import './testing.js';

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {utf8} from './encoding.js';
import {
  checkPrivateKey, checkPublicKey, generateKey, parseJwk, parsePrivateJwk, toJwk,
  toPrivateJwkObject,
} from './jwk.js';
import {
  MAX_PLAINTEXT_BYTES, open, parseEnvelope, reseal, seal, type SealRequest,
} from './seal.js';
import {refused} from './testing.js';

const signing = await generateKey('signing');
const ours = await generateKey('epoch');
const theirs = await generateKey('epoch');
const NOW = 1_790_000_000;
const REFERRAL = '0190163d-8694-739b-aea5-966c26f8ad90';
const SENDER = '0190163d-8694-739b-aea5-966c26f8ad10';
const HASH = 'A'.repeat(43);
const request: SealRequest = {
  header: {
    referralId: REFERRAL, senderAgencyId: SENDER, releaseHash: HASH, purpose: 'referral',
    categories: ['identity', 'needs'], expiresS: NOW + 60,
  },
  plaintext: utf8('{"needs":["shelter"]}'),
  recipients: [ours.publicKey, theirs.publicKey],
};
const expected = {
  referralId: REFERRAL, releaseHash: HASH, senderAgencyId: SENDER, senderKey: signing.publicKey,
  nowS: NOW,
};

test('what is sealed opens, for both and nobody else', async () => {
  const packet = await seal(request, signing);
  for (const key of [ours, theirs]) {
    assert.deepEqual((await open(packet, key, expected)).plaintext, request.plaintext);
  }
  await refused(async () => open(packet, await generateKey('epoch'), expected), 'NOT_A_RECIPIENT');
});

test('every size of plaintext comes back, in one of four sizes', async () => {
  const sizes = new Set<number>();
  for (const size of [0, 1, 1020, 1021, 4092, 4093, 16380, 16381, MAX_PLAINTEXT_BYTES]) {
    const plaintext = new Uint8Array(size).fill(7);
    const packet = await seal({...request, plaintext}, signing);
    assert.deepEqual((await open(packet, ours, expected)).plaintext, plaintext);
    sizes.add((await parseEnvelope(packet)).ciphertext.length);
  }
  assert.equal(sizes.size, 4);
});

test('what the opener knows must agree', async () => {
  const packet = await seal(request, signing);
  const as = (change: object) => () => open(packet, ours, {...expected, ...change});
  await refused(as({referralId: REFERRAL.replace('0', '1')}), 'REFERRAL_MISMATCH');
  await refused(as({senderAgencyId: REFERRAL}), 'SENDER_AGENCY_MISMATCH');
  await refused(as({senderAgencyId: ''}), 'SENDER_AGENCY_MISMATCH');
  await refused(as({releaseHash: 'B' + HASH.slice(1)}), 'RELEASE_MISMATCH');
  await refused(as({nowS: NOW + 60}), 'PACKET_EXPIRED');
  const other = await generateKey('signing');
  await refused(as({senderKey: other.publicKey}), 'SENDER_MISMATCH');
  await refused(as({senderKey: ours.publicKey}), 'INVALID_KEY:use');
});

test('what cannot be sealed is refused', async () => {
  const with_ = (change: object) => () => seal({...request, ...change}, signing);
  const headed = (change: object) => with_({header: {...request.header, ...change}});
  await refused(with_({plaintext: new Uint8Array(MAX_PLAINTEXT_BYTES + 1)}), 'PACKET_TOO_LARGE');
  await refused(with_({recipients: [ours.publicKey]}), 'TOO_FEW_RECIPIENTS');
  await refused(with_({recipients: Array(9).fill(ours.publicKey)}), 'TOO_MANY_RECIPIENTS');
  await refused(with_({recipients: [ours.publicKey, ours.publicKey]}), 'DUPLICATE_RECIPIENT');
  await refused(with_({recipients: [ours.publicKey, signing.publicKey]}), 'INVALID_KEY:use');
  await refused(with_({contentType: 'text'}), 'INVALID_HEADER:cty');
  await refused(headed({senderAgencyId: 'Harbor'}), 'INVALID_HEADER:sender_agency_id');
  await refused(headed({purpose: 'any words at all'}), 'INVALID_HEADER:purpose');
  await refused(headed({categories: ['needs', 'identity']}), 'INVALID_HEADER:categories');
  await refused(headed({expiresS: 1.5}), 'INVALID_HEADER:exp');
  await refused(() => seal(request, ours), 'INVALID_KEY:use');
});

test('keys are read strictly', async () => {
  const jwk = JSON.parse(toJwk(ours.publicKey)) as Record<string, string>;
  const read = (change: object) => () => parseJwk(JSON.stringify({...jwk, ...change}));
  assert.deepEqual(await parseJwk(toJwk(ours.publicKey)), ours.publicKey);
  await refused(read({kty: 'OKP'}), 'INVALID_KEY:kty');
  await refused(read({crv: 'P-384'}), 'INVALID_KEY:crv');
  await refused(read({alg: 'dir'}), 'INVALID_KEY:alg');
  await refused(read({use: 'sig'}), 'INVALID_KEY:use');
  await refused(read({kid: HASH}), 'INVALID_KEY:kid');
  await refused(read({kid: undefined, y: jwk['x']}), 'INVALID_KEY:point');
  await refused(read({kid: undefined, x: HASH, y: HASH}), 'INVALID_KEY:point');
  await refused(read({d: HASH}), 'INVALID_KEY:forbidden_member');
  await refused(read({note: '1'}), 'INVALID_KEY:unknown_member');
  await refused(() => checkPublicKey({...ours.publicKey, kid: HASH}, 'epoch'), 'INVALID_KEY:kid');
});

test('a private half belongs to its public one, and stays inside', async () => {
  for (const use of ['epoch', 'signing'] as const) {
    const one = await generateKey(use, {extractable: true});
    const two = await generateKey(use, {extractable: true});
    const jwk = await toPrivateJwkObject(one);
    const read = await parsePrivateJwk(JSON.stringify(jwk));
    assert.equal(read.publicKey.kid, one.publicKey.kid);
    assert.equal(read.handle.extractable, false);
    const d = (await toPrivateJwkObject(two))['d'];
    await refused(() => parsePrivateJwk(JSON.stringify({...jwk, d})), 'INVALID_KEY:d');
    await refused(() => parsePrivateJwk(JSON.stringify({...jwk, d: HASH})), 'INVALID_KEY:d');
    await refused(() => checkPrivateKey({...one, handle: two.handle}, use), 'INVALID_KEY:d');
    assert.equal((await generateKey(use)).handle.extractable, false);
  }
});

test('a share sealed anew opens with the later key, in the place of the earlier', async () => {
  const later = await generateKey('epoch');
  const packet = JSON.parse(await seal(request, signing));
  const share = JSON.parse(await reseal(JSON.stringify(packet), ours, expected, later.publicKey));
  assert.equal(share.header.kid, later.publicKey.kid);
  const place = packet.recipients.find(
      (each: {header: {kid: string}}) => each.header.kid === ours.publicKey.kid);
  place.header.epk = share.header.epk;
  place.encrypted_key = share.encrypted_key;
  const text = JSON.stringify(packet);
  const here = {...expected, sealedToKid: ours.publicKey.kid};
  assert.deepEqual((await open(text, later, here)).plaintext, request.plaintext);
  await refused(async () => open(text, ours, expected), 'DECRYPTION_FAILED');
  await refused(async () => open(text, later, expected), 'NOT_A_RECIPIENT');
  // What does not open is not sealed anew either.
  const other = {...expected, releaseHash: 'B'.repeat(43)};
  await refused(async () => reseal(text, theirs, other, later.publicKey), 'RELEASE_MISMATCH');
  await refused(async () => reseal(text, later, expected, later.publicKey), 'NOT_A_RECIPIENT');
  await refused(async () => reseal(text, theirs, expected, signing.publicKey), 'INVALID_KEY:use');
});
