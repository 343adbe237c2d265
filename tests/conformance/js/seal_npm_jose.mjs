// fairlead-seal between our C++ and npm jose, both ways: what one seals, the other opens.
import {
  b64u, cast, check, checkEqual, checkPacketShape, finish, openWithTool, pad, protectedHeader,
  publicJwk, requestFor, samplePlaintexts, sealTool, sha256, signedHeader, skip, thumbprint, unb64u,
  unpad,
} from './seal_harness.mjs';

let jose;
try {
  jose = await import('jose');
} catch {
  skip('npm jose is not installed: run `npm ci` in tests/conformance/js');
}

const joseOptions = {
  keyManagementAlgorithms: ['ECDH-ES+A256KW'],
  contentEncryptionAlgorithms: ['A256GCM'],
};
const bytes = (text) => new TextEncoder().encode(text);

async function sealWithJose(request) {
  const recipients = [...request.recipients].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  const header = protectedHeader(request, recipients.map((each) => each.kid));
  // GeneralEncrypt encodes exactly this JSON, in this order.
  const protectedB64 = b64u(JSON.stringify(header));
  const jws = await new jose.CompactSign(pad(unb64u(request.plaintext_b64)))
      .setProtectedHeader(signedHeader(request, protectedB64))
      .sign(await jose.importJWK(request.signing_key, 'ES256'));
  const encrypt = new jose.GeneralEncrypt(bytes(jws)).setProtectedHeader(header);
  for (const each of recipients) {
    encrypt.addRecipient(await jose.importJWK(each, 'ECDH-ES+A256KW'))
        .setUnprotectedHeader({alg: 'ECDH-ES+A256KW', kid: each.kid});
  }
  const packet = await encrypt.encrypt();
  checkEqual(packet.protected, protectedB64, 'npm jose encodes the protected header as given');
  return packet;
}

async function openWithJose(packet, key, people, request) {
  checkPacketShape(packet);
  const {plaintext, protectedHeader: header} = await jose.generalDecrypt(
      packet, await jose.importJWK(key, 'ECDH-ES+A256KW'), joseOptions);
  checkEqual(header.sender_agency_id, request.header.sender_agency_id, 'sender_agency_id');
  checkEqual(header.sender_kid, people.senderSigning.kid, 'sender_kid');
  const {payload, protectedHeader: signed} = await jose.compactVerify(
      plaintext, await jose.importJWK(publicJwk(people.senderSigning), 'ES256'),
      {algorithms: ['ES256']});
  checkEqual(signed.pth, sha256(packet.protected), 'pth');
  checkEqual(signed.typ, 'fairlead-seal+jws', 'typ');
  checkEqual(signed.cty, request.content_type, 'cty');
  return b64u(unpad(Buffer.from(payload)));
}

async function refuses(promise) {
  try {
    await promise;
    return false;
  } catch {
    return true;
  }
}

const people = cast();
for (const key of Object.values(people)) {
  checkEqual(key.kid, await jose.calculateJwkThumbprint(publicJwk(key)), 'kid by npm jose');
  checkEqual(key.kid, thumbprint(key), 'kid by hand');
}

for (const plaintext of samplePlaintexts) {
  const request = requestFor(people, plaintext);
  const ours = JSON.parse(sealTool('seal', request));
  const theirs = await sealWithJose(request);
  for (const key of [people.recipientEpoch, people.senderEpoch]) {
    checkEqual(await openWithJose(ours, key, people, request), request.plaintext_b64,
               `C++ → npm jose, ${plaintext.length} bytes`);
    const opened = openWithTool(theirs, key, people, request);
    checkEqual(opened.plaintext_b64, request.plaintext_b64,
               `npm jose → C++, ${plaintext.length} bytes`);
    checkEqual(opened.content_type, request.content_type, 'content type');
  }
  check(await refuses(openWithJose(ours, people.otherEpoch, people, request)),
        'npm jose with a key that is no recipient');
  checkEqual(openWithTool(theirs, people.otherEpoch, people, request).reason, 'NOT_A_RECIPIENT',
             'C++ with a key that is no recipient');
}

// A packet as the hub hands it out: the other recipient's key is withheld.
{
  const request = requestFor(people, Buffer.from('delivered'));
  const delivered = JSON.parse(sealTool('seal', request));
  for (const each of delivered.recipients) {
    if (each.header.kid !== people.recipientEpoch.kid) delete each.encrypted_key;
  }
  checkEqual(await openWithJose(delivered, people.recipientEpoch, people, request),
             request.plaintext_b64, 'a delivered packet in npm jose');
  checkEqual(openWithTool(delivered, people.recipientEpoch, people, request).plaintext_b64,
             request.plaintext_b64, 'a delivered packet in C++');
}

// Both sides refuse what was changed on the way.
for (const member of ['protected', 'iv', 'ciphertext', 'tag']) {
  const request = requestFor(people, Buffer.from('tampered'));
  for (const packet of [JSON.parse(sealTool('seal', request)), await sealWithJose(request)]) {
    const raw = unb64u(packet[member]);
    raw[raw.length >> 1] ^= 1;
    packet[member] = b64u(raw);
    check('reason' in openWithTool(packet, people.recipientEpoch, people, request),
          `C++ refuses a changed ${member}`);
    check(await refuses(jose.generalDecrypt(
              packet, await jose.importJWK(people.recipientEpoch, 'ECDH-ES+A256KW'), joseOptions)),
          `npm jose refuses a changed ${member}`);
  }
}

finish('npm jose');
