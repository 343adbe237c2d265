// fairlead-seal between our C++ and the library of the web app (gateway/web/lib), both ways.
import {existsSync} from 'node:fs';

import {
  b64u, cast, check, checkEqual, checkPacketShape, finish, nowSeconds, openWithTool, publicJwk,
  requestFor, resealWithTool, samplePlaintexts, sealTool, skip, unb64u,
} from './seal_harness.mjs';

const built = new URL('../../../gateway/web/lib/build/index.js', import.meta.url);
if (!existsSync(built)) skip('gateway/web/lib is not built');
const lib = await import(built.href);

const people = cast();
const keys = {};
for (const [name, jwk] of Object.entries(people)) {
  keys[name] = await lib.parsePrivateJwk(JSON.stringify(jwk));
  checkEqual(keys[name].publicKey.kid, jwk.kid, 'the kid of a C++ key');
  checkEqual(JSON.stringify(lib.toJwkObject(keys[name].publicKey)),
             JSON.stringify(publicJwk(jwk)), 'the public JWK, to the letter');
}

async function sealWithLib(request) {
  const {header} = request;
  return lib.seal({
    header: {
      referralId: header.referral_id, senderAgencyId: header.sender_agency_id,
      releaseHash: header.release_hash, purpose: header.purpose, categories: header.categories,
      expiresS: header.exp,
    },
    plaintext: unb64u(request.plaintext_b64),
    contentType: request.content_type,
    recipients: [keys.recipientEpoch.publicKey, keys.senderEpoch.publicKey],
  }, keys.senderSigning);
}

// What the library makes of a packet: the plaintext, or the refusal.
async function openWithLib(packet, key, request) {
  try {
    const opened = await lib.open(packet, key, {
      referralId: request.header.referral_id, releaseHash: request.header.release_hash,
      senderAgencyId: request.header.sender_agency_id, senderKey: keys.senderSigning.publicKey,
      nowS: nowSeconds,
    });
    checkEqual(opened.contentType, request.content_type, 'content type');
    return b64u(opened.plaintext);
  } catch (refusal) {
    if (!(refusal instanceof lib.Refusal)) throw refusal;
    return refusal.message;
  }
}

function openedByTool(packet, jwk, request) {
  const answer = openWithTool(packet, jwk, people, request);
  if (answer.reason === undefined) return answer.plaintext_b64;
  return answer.detail === undefined ? answer.reason : `${answer.reason}:${answer.detail}`;
}

for (const plaintext of samplePlaintexts) {
  const request = requestFor(people, plaintext);
  const size = `${plaintext.length} bytes`;
  const theirs = sealTool('seal', request);
  const ours = await sealWithLib(request);
  checkPacketShape(JSON.parse(ours));
  for (const who of ['recipientEpoch', 'senderEpoch']) {
    checkEqual(await openWithLib(theirs, keys[who], request), request.plaintext_b64,
               `C++ → library, ${size}`);
    checkEqual(openedByTool(JSON.parse(ours), people[who], request), request.plaintext_b64,
               `library → C++, ${size}`);
    checkEqual(await openWithLib(ours, keys[who], request), request.plaintext_b64,
               `library → library, ${size}`);
  }
  checkEqual(await openWithLib(theirs, keys.otherEpoch, request), 'NOT_A_RECIPIENT',
             'a key that is no recipient');
}

// The other recipient's key is withheld in what the hub hands out.
{
  const request = requestFor(people, Buffer.from('delivered'));
  for (const packet of [sealTool('seal', request), await sealWithLib(request)].map(JSON.parse)) {
    for (const each of packet.recipients) {
      if (each.header.kid !== people.recipientEpoch.kid) delete each.encrypted_key;
    }
    checkEqual(await openWithLib(JSON.stringify(packet), keys.recipientEpoch, request),
               request.plaintext_b64, 'a delivered packet in the library');
    checkEqual(openedByTool(packet, people.recipientEpoch, request), request.plaintext_b64,
               'a delivered packet in C++');
    checkEqual(await openWithLib(JSON.stringify(packet), keys.senderEpoch, request),
               'INVALID_PACKET:encrypted_key', 'whose key is withheld');
  }
}

// A share sealed anew by either opens in both, with the later key in the place of the earlier, and
// with the earlier key no more.
{
  const request = requestFor(people, Buffer.from('sealed anew'));
  const {recipientEpoch: before, otherEpoch: later} = people;
  const expected = {
    referralId: request.header.referral_id, releaseHash: request.header.release_hash,
    senderAgencyId: request.header.sender_agency_id, senderKey: keys.senderSigning.publicKey,
    nowS: nowSeconds,
  };
  for (const packet of [sealTool('seal', request), await sealWithLib(request)].map(JSON.parse)) {
    const text = JSON.stringify(packet);
    const shares = [
      resealWithTool(packet, before, people, request, later),
      JSON.parse(await lib.reseal(text, keys.recipientEpoch, expected, keys.otherEpoch.publicKey)),
    ];
    for (const share of shares) {
      checkEqual(share.header.kid, later.kid, 'sealed to the later key');
      const anew = structuredClone(packet);
      const place = anew.recipients.find((each) => each.header.kid === before.kid);
      place.header.epk = share.header.epk;
      place.encrypted_key = share.encrypted_key;
      const opened = await lib.open(JSON.stringify(anew), keys.otherEpoch,
                                    {...expected, sealedToKid: before.kid});
      checkEqual(b64u(opened.plaintext), request.plaintext_b64, 'sealed anew → library');
      const byTool = openWithTool(anew, later, people, request, {sealed_to_kid: before.kid});
      checkEqual(byTool.plaintext_b64, request.plaintext_b64, 'sealed anew → C++');
      checkEqual(await openWithLib(JSON.stringify(anew), keys.recipientEpoch, request),
                 'DECRYPTION_FAILED', 'the earlier key in the library');
      checkEqual(openedByTool(anew, before, request), 'DECRYPTION_FAILED',
                 'the earlier key in C++');
    }
  }
}

// One bit at each of many places of a packet: both say no, with one voice.
{
  const request = requestFor(people, Buffer.from('tampered'));
  const packet = JSON.parse(await sealWithLib(request));
  const places = {};
  for (const member of ['protected', 'iv', 'ciphertext', 'tag']) {
    places[member] = [packet, member];
  }
  const mine = packet.recipients.find((each) => each.header.kid === people.recipientEpoch.kid);
  places.encrypted_key = [mine, 'encrypted_key'];
  places.x = [mine.header.epk, 'x'];
  for (const [name, [holder, member]] of Object.entries(places)) {
    const honest = holder[member];
    const bytes = unb64u(honest);
    for (let i = 0; i < 4; ++i) {
      const changed = Buffer.from(bytes);
      changed[Math.floor((i * (bytes.length - 1)) / 3)] ^= 1;
      holder[member] = b64u(changed);
      const said = await openWithLib(JSON.stringify(packet), keys.recipientEpoch, request);
      check(/^(INVALID_PACKET|DECRYPTION_FAILED)/.test(said), `${name}: ${said}`);
      checkEqual(said, openedByTool(packet, people.recipientEpoch, request), `${name}, byte ${i}`);
    }
    holder[member] = honest;
  }
  checkEqual(await openWithLib(JSON.stringify(packet), keys.recipientEpoch, request),
             request.plaintext_b64, 'put back, it opens');
}

// A private half that is another key's is refused, and a key read in cannot be read out.
{
  const mixed = {...people.senderEpoch, d: people.otherEpoch.d};
  let said = 'accepted';
  await lib.parsePrivateJwk(JSON.stringify(mixed)).catch((refusal) => said = refusal.message);
  checkEqual(said, 'INVALID_KEY:d', 'a mixed key pair');
  said = 'exported';
  await lib.toPrivateJwkObject(keys.senderEpoch).catch((refusal) => said = refusal.name);
  // Node 20 says InvalidAccessException where the standard says InvalidAccessError.
  check(said.startsWith('InvalidAccess'), `a key that is not extractable: ${said}`);
}

finish('gateway/web/lib');
