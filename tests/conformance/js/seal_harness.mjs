// What the interoperability checks of the sealing profile share. The profile is written a second
// time here, from docs/decisions/0003-sealing.md and not from the C++, so that the two check each
// other. No dependencies.
import {spawnSync} from 'node:child_process';
import {createHash, randomUUID, webcrypto} from 'node:crypto';
import {existsSync} from 'node:fs';
import path from 'node:path';

// Debian 12's Node 18 has WebCrypto, but not yet as a global, where npm jose looks for it.
globalThis.crypto ??= webcrypto;

const buildDir = process.env.FAIRLEAD_BUILD_DIR ?? 'build/release';
const tool = path.resolve(buildDir, 'bin/seal_tool');

export const b64u = (bytes) => Buffer.from(bytes).toString('base64url');
export const unb64u = (text) => Buffer.from(text, 'base64url');
export const sha256 = (text) => createHash('sha256').update(text).digest('base64url');
export const nowSeconds = Math.floor(Date.now() / 1000);

export function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

if (!existsSync(tool)) skip(`${tool} is not built`);

let failures = 0;
let checks = 0;
export function check(condition, what) {
  ++checks;
  if (condition) return;
  ++failures;
  console.error(`FAILED: ${what}`);
}
export function checkEqual(got, want, what) {
  const short = (value) => JSON.stringify(value)?.slice(0, 80);
  check(got === want, `${what}: got ${short(got)}, want ${short(want)}`);
}
export function finish(name) {
  console.log(`${name}: ${checks} checks, ${failures} failed`);
  process.exit(failures === 0 ? 0 : 1);
}

// Runs the C++ side. A refusal is an answer too: {reason, detail}.
export function sealTool(verb, input) {
  const run = spawnSync(tool, verb.split(' '), {
    input: input === undefined ? '' : JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 4 * 1024 * 1024,
    timeout: 30_000,
  });
  if (run.status !== 0 && run.status !== 1) {
    throw new Error(`seal_tool ${verb}: status ${run.status} ${run.stderr}`);
  }
  return run.stdout.trimEnd();
}

export function publicJwk({d, ...rest}) {
  return rest;
}

// The thumbprint of RFC 7638.
export function thumbprint(jwk) {
  return sha256(JSON.stringify({crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y}));
}

const paddedSizes = [1024, 4096, 16384, 65536];
export function pad(plaintext) {
  const size = paddedSizes.find((each) => each >= plaintext.length + 4);
  const padded = Buffer.alloc(size);
  padded.writeUInt32BE(plaintext.length, 0);
  plaintext.copy(padded, 4);
  return padded;
}
export function unpad(padded) {
  const length = padded.readUInt32BE(0);
  check(paddedSizes.includes(padded.length), 'the payload has a padded size');
  check(padded.subarray(4 + length).every((byte) => byte === 0), 'the padding is zeros');
  return padded.subarray(4, 4 + length);
}

// The protected header of the JWE.
export function protectedHeader(request, recipientKids) {
  return {
    typ: 'fairlead-seal+jwe',
    v: 1,
    enc: 'A256GCM',
    cty: 'JOSE',
    referral_id: request.header.referral_id,
    sender_agency_id: request.header.sender_agency_id,
    sender_kid: request.signing_key.kid,
    release_hash: request.header.release_hash,
    purpose: request.header.purpose,
    categories: request.header.categories,
    exp: request.header.exp,
    recips: sha256([...recipientKids].sort().join('\n')),
  };
}

// The protected header of the JWS inside; `protectedB64` is the JWE's, as it will stand.
export function signedHeader(request, protectedB64) {
  return {
    alg: 'ES256',
    typ: 'fairlead-seal+jws',
    kid: request.signing_key.kid,
    cty: request.content_type,
    pth: sha256(protectedB64),
  };
}

export function checkPacketShape(packet) {
  checkEqual(Object.keys(packet).sort().join(), 'ciphertext,iv,protected,recipients,tag',
             'members of the packet');
  const kids = packet.recipients.map((each) => each.header.kid);
  checkEqual(kids.join(), [...kids].sort().join(), 'recipients in the order of their kids');
  const header = JSON.parse(unb64u(packet.protected));
  checkEqual(header.recips, sha256(kids.join('\n')), 'recips');
  return header;
}

export function cast() {
  const key = (use) => JSON.parse(sealTool(`keygen ${use}`));
  return {
    senderSigning: key('signing'),
    senderEpoch: key('epoch'),
    recipientEpoch: key('epoch'),
    otherEpoch: key('epoch'),
  };
}

export function requestFor(people, plaintext) {
  return {
    header: {
      referral_id: randomUUID(),
      sender_agency_id: randomUUID(),
      release_hash: sha256('a release'),
      purpose: 'referral',
      categories: ['identity', 'needs'],
      exp: nowSeconds + 3600,
    },
    plaintext_b64: b64u(plaintext),
    content_type: 'application/json',
    recipients: [publicJwk(people.recipientEpoch), publicJwk(people.senderEpoch)],
    signing_key: people.senderSigning,
  };
}

// The C++ side opens a packet that another implementation has made; `more`: what else it is told.
export function openWithTool(packet, key, people, request, more = {}) {
  return JSON.parse(sealTool('open', toOpen(packet, key, people, request, more)));
}
function toOpen(packet, key, people, request, more) {
  return {
    packet: JSON.stringify(packet),
    key,
    referral_id: request.header.referral_id,
    release_hash: request.header.release_hash,
    sender_agency_id: request.header.sender_agency_id,
    sender: publicJwk(people.senderSigning),
    now_s: nowSeconds,
    ...more,
  };
}
// The C++ side seals the share of `key` anew to `next`.
export function resealWithTool(packet, key, people, request, next) {
  const more = {next: publicJwk(next)};
  return JSON.parse(sealTool('reseal', toOpen(packet, key, people, request, more)));
}

export const samplePlaintexts = [
  Buffer.from(''),
  Buffer.from(JSON.stringify({needs: ['shelter'], words: 'ñandú €😀'})),
  Buffer.alloc(1020, 'a'),
  Buffer.alloc(1021, 'b'),
  Buffer.from(Array.from({length: 16000}, (_, i) => i % 256)),
  Buffer.alloc(65532, 0xff),
];
