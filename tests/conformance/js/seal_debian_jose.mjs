// fairlead-seal between our C++ and Debian's `jose` command (a third implementation, in C), both
// ways. Keys go to it in files of a private folder, because that is how it takes them.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

import {
  b64u, cast, checkEqual, checkPacketShape, finish, openWithTool, pad, protectedHeader, publicJwk,
  requestFor, samplePlaintexts, sealTool, sha256, signedHeader, skip, thumbprint, unb64u, unpad,
} from './seal_harness.mjs';

if (spawnSync('jose', ['alg']).error) skip('the jose command is not installed');

const folder = mkdtempSync(path.join(tmpdir(), 'fairlead-jose-'));
process.on('exit', () => rmSync(folder, {recursive: true}));

let files = 0;
function file(content) {
  const name = path.join(folder, `f${++files}`);
  writeFileSync(name, typeof content === 'string' || Buffer.isBuffer(content) ?
      content : JSON.stringify(content), {mode: 0o600});
  return name;
}

function jose(...args) {
  const run = spawnSync('jose', args, {maxBuffer: 4 * 1024 * 1024, timeout: 30_000});
  return run.status === 0 ? run.stdout : null;
}

// Its "kid" and "use" are left out: it takes a key's word for what it may be used for.
const bare = ({kty, crv, x, y, d}) => (d ? {kty, crv, x, y, d} : {kty, crv, x, y});

function sealWithCommand(request) {
  const recipients = [...request.recipients].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  // The command writes members in the order of their names; the profile fixes no order.
  const header = Object.fromEntries(
      Object.entries(protectedHeader(request, recipients.map((each) => each.kid))).sort());
  const protectedB64 = b64u(JSON.stringify(header));
  const jws = jose('jws', 'sig', '-c', '-I', file(pad(unb64u(request.plaintext_b64))), '-s',
                   JSON.stringify({protected: signedHeader(request, protectedB64)}), '-k',
                   file(bare(request.signing_key)), '-o', '-');
  const template = JSON.stringify({protected: header});
  const args = ['jwe', 'enc', '-i', template, '-I', file(jws), '-o', '-'];
  for (const each of recipients) {
    args.push('-r', JSON.stringify({header: {alg: 'ECDH-ES+A256KW', kid: each.kid}}), '-k',
              file(bare(each)));
  }
  const packet = JSON.parse(jose(...args));
  checkEqual(packet.protected, protectedB64, 'the protected header as foreseen');
  return packet;
}

function openWithCommand(packet, key, people) {
  checkPacketShape(packet);
  const jws = jose('jwe', 'dec', '-i', file(packet), '-k', file(bare(key)), '-O', '-');
  if (jws === null) return null;
  const signed = JSON.parse(unb64u(jws.toString().split('.')[0]));
  checkEqual(signed.pth, sha256(packet.protected), 'pth');
  const payload = jose('jws', 'ver', '-i', file(jws), '-k',
                       file(bare(publicJwk(people.senderSigning))), '-O', '-');
  return payload === null ? null : b64u(unpad(payload));
}

const people = cast();
for (const key of Object.values(people)) {
  const printed = jose('jwk', 'thp', '-a', 'S256', '-i', file(bare(publicJwk(key))));
  checkEqual(printed?.toString().trim(), key.kid, 'kid by the jose command');
  checkEqual(thumbprint(key), key.kid, 'kid by hand');
}

for (const plaintext of samplePlaintexts) {
  const request = requestFor(people, plaintext);
  const ours = JSON.parse(sealTool('seal', request));
  const theirs = sealWithCommand(request);
  for (const key of [people.recipientEpoch, people.senderEpoch]) {
    checkEqual(openWithCommand(ours, key, people), request.plaintext_b64,
               `C++ → jose, ${plaintext.length} bytes`);
    checkEqual(openWithTool(theirs, key, people, request).plaintext_b64, request.plaintext_b64,
               `jose → C++, ${plaintext.length} bytes`);
  }
  checkEqual(openWithCommand(ours, people.otherEpoch, people), null,
             'the jose command with a key that is no recipient');
  checkEqual(openWithTool(theirs, people.otherEpoch, people, request).reason, 'NOT_A_RECIPIENT',
             'C++ with a key that is no recipient');
}

for (const member of ['protected', 'iv', 'ciphertext', 'tag']) {
  const request = requestFor(people, Buffer.from('tampered'));
  const packet = JSON.parse(sealTool('seal', request));
  const raw = unb64u(packet[member]);
  raw[raw.length >> 1] ^= 1;
  packet[member] = b64u(raw);
  checkEqual(jose('jwe', 'dec', '-i', file(packet), '-k', file(bare(people.recipientEpoch)), '-O',
                  '-'), null, `the jose command refuses a changed ${member}`);
}

finish('jose command');
