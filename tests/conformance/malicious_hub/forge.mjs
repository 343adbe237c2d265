// What a hub or an outsider can make with a free hand: keys, statements, wraps and packets on
// node:crypto alone, so that one thing at a time is wrong while all else is right. Nothing here
// checks anything, and nothing comes from either client. The forms are those of docs/decisions 0003
// and 0008.
//
// A statement is {header, payload, signer} and, for what JSON.stringify cannot say:
//   headerText, payloadText: (text) => text   before encoding
//   encoded: (jws) => jws                     at the very end
// A wrap and a packet have hooks of the same kind; see wrap() and packet().
import {
  createCipheriv, createECDH, createHash, createPrivateKey, createPublicKey, diffieHellman,
  randomBytes, sign,
} from 'node:crypto';

export const b64u = (bytes) => Buffer.from(bytes).toString('base64url');
export const unb64u = (text) => Buffer.from(text, 'base64url');
export const sha256 = (text) => createHash('sha256').update(text).digest('base64url');

// ---- keys

const JWK_KIND = {
  epoch: {alg: 'ECDH-ES+A256KW', use: 'enc'},
  signing: {alg: 'ES256', use: 'sig'},
};

export function thumbprint({x, y}) {
  return sha256(JSON.stringify({crv: 'P-256', kty: 'EC', x, y}));
}

/** A private JWK; `use` is epoch (devices too) or signing (agencies and roots too). */
export function newKey(use) {
  // Not generateKeyPairSync and export: Node 20 locks itself out when it collects garbage between.
  const pair = createECDH('prime256v1');
  const point = pair.generateKeys();
  const [x, y] = [b64u(point.subarray(1, 33)), b64u(point.subarray(33))];
  const d = pair.getPrivateKey('hex').padStart(64, '0');  // without leading zeros otherwise
  return {kty: 'EC', crv: 'P-256', ...JWK_KIND[use], kid: thumbprint({x, y}), x, y,
          d: b64u(Buffer.from(d, 'hex'))};
}

export function publicOf({d, ...rest}) {
  return rest;
}

export const byKid = (a, b) => (a.kid < b.kid ? -1 : 1);

const privateHandle = ({x, y, d}) =>
    createPrivateKey({key: {kty: 'EC', crv: 'P-256', x, y, d}, format: 'jwk'});
const publicHandle = ({x, y}) =>
    createPublicKey({key: {kty: 'EC', crv: 'P-256', x, y}, format: 'jwk'});

/** ES256 as RFC 7518 has it, or `der` as X.509 would. */
export function es256(text, key, der = false) {
  const dsaEncoding = der ? 'der' : 'ieee-p1363';
  return b64u(sign('sha256', Buffer.from(text), {key: privateHandle(key), dsaEncoding}));
}

// ---- statements

export function statement(typ, payload, signer) {
  return {header: {alg: 'ES256', typ, kid: signer.kid}, payload, signer};
}

export function makeStatement({header, payload, signer, headerText, payloadText, encoded}) {
  const same = (text) => text;
  const head = (headerText ?? same)(JSON.stringify(header));
  const body = (payloadText ?? same)(JSON.stringify(payload));
  const input = `${b64u(head)}.${b64u(body)}`;
  return (encoded ?? same)(`${input}.${es256(input, signer)}`);
}

// ---- encryption

const bigEndian = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

// ECDH-ES+A256KW for one recipient, with an ephemeral key of its own. A recipient with `resealedTo`
// keeps its name and has its share sealed to that key instead.
function wrapFor(named, contentKey) {
  const recipient = named.resealedTo ?? named;
  const ephemeral = newKey('epoch');
  const z = diffieHellman(
      {privateKey: privateHandle(ephemeral), publicKey: publicHandle(recipient)});
  const kek = createHash('sha256').update(Buffer.concat([
    bigEndian(1), z, bigEndian(14), Buffer.from('ECDH-ES+A256KW'), bigEndian(0), bigEndian(0),
    bigEndian(256),
  ])).digest();
  const cipher = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
  const {x, y} = ephemeral;
  return {
    header: {alg: 'ECDH-ES+A256KW', kid: named.kid, epk: {kty: 'EC', crv: 'P-256', x, y}},
    encrypted_key: b64u(Buffer.concat([cipher.update(contentKey), cipher.final()])),
  };
}

function jwe(protectedB64, plaintext, recipients) {
  const contentKey = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv);
  cipher.setAAD(Buffer.from(protectedB64));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return {
    protected: protectedB64,
    recipients: recipients.map((each) => wrapFor(each, contentKey)),
    iv: b64u(iv),
    ciphertext: b64u(ciphertext),
    tag: b64u(cipher.getAuthTag()),
  };
}

/** Hooks: protectedText(text), changeWrap(object), text(json). */
export function makeWrap(wrap) {
  const same = (text) => text;
  const protectedB64 = b64u((wrap.protectedText ?? same)(JSON.stringify(wrap.protected)));
  const made = jwe(protectedB64, JSON.stringify(wrap.keys), [wrap.device]);
  wrap.changeWrap?.(made);
  return (wrap.text ?? same)(JSON.stringify(made));
}

/** The payload of a packet: length, plaintext, zeros up to the next of four sizes. */
export function pad(plaintext) {
  const size = [1024, 4096, 16384, 65536].find((each) => each >= plaintext.length + 4);
  const padded = Buffer.alloc(size);
  padded.writeUInt32BE(plaintext.length, 0);
  Buffer.from(plaintext).copy(padded, 4);
  return padded;
}

/** The signed text inside a packet. Members of `packet`: signed, payload, signer; pth is added. */
export function makeJws(packet, protectedB64) {
  const header = 'pth' in packet.signed ? packet.signed :
                                          {...packet.signed, pth: sha256(protectedB64)};
  const input = `${b64u(JSON.stringify(header))}.${b64u(packet.payload)}`;
  return `${input}.${es256(input, packet.signer)}`;
}

/**
 * `recips` follows the recipients unless it is given. Hooks: protectedText(text),
 * changeJws(jws, protectedB64), changePacket(object), text(json).
 */
export function makePacket(packet) {
  const same = (text) => text;
  const recips = sha256(packet.recipients.map((each) => each.kid).join('\n'));
  const header = 'recips' in packet.protected ? packet.protected : {...packet.protected, recips};
  const protectedB64 = b64u((packet.protectedText ?? same)(JSON.stringify(header)));
  const jws = (packet.changeJws ?? same)(makeJws(packet, protectedB64), protectedB64);
  const made = jwe(protectedB64, jws, packet.recipients);
  packet.changePacket?.(made);
  return made;
}

/** As a hub hands it out to one recipient: the others' keys are withheld. */
export function delivered(made, kid) {
  if (!Array.isArray(made.recipients)) return made;
  const recipients = made.recipients.map((each) => {
    if (each?.header?.kid === kid || typeof each?.header !== 'object') return each;
    const {encrypted_key: withheld, ...rest} = each;
    return rest;
  });
  return {...made, recipients};
}

// ---- points

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function power(base, exponent) {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) {
    if (e & 1n) result = (result * b) % P;
  }
  return result;
}

/** A point of the curve whose x is written as x + p: the same number to a careless reader. */
export function overlongPoint() {
  for (let x = 1n;; ++x) {
    const square = (x ** 3n - 3n * x + B) % P;
    const y = power(square, (P + 1n) / 4n);  // p mod 4 is 3
    if ((y * y) % P !== square) continue;
    const text = (value) => b64u(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
    return {x: text(x + P), y: text(y)};
  }
}
