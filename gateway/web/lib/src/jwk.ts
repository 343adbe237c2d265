// P-256 keys as JWK (RFC 7517, RFC 7518 section 6.2), strictly, and their thumbprints (RFC 7638).

import {base64UrlDecode, base64UrlEncode, type Bytes, hashText} from './encoding.js';
import {refuse} from './errors.js';
import {bytesOf, checkMembers, expectText, textOf} from './members.js';
import {type JsonObject, parseObject} from './strict_json.js';

const REASON = 'INVALID_KEY';
const MAX_JWK_BYTES = 2048;
export const COORDINATE_BYTES = 32;

/** JWK "alg": ECDH-ES+A256KW (epoch and device keys), ES256 (all that sign). */
export type KeyUse = 'epoch' | 'signing';

const ALGORITHM: Record<KeyUse, string> = {epoch: 'ECDH-ES+A256KW', signing: 'ES256'};
const JWK_USE: Record<KeyUse, string> = {epoch: 'enc', signing: 'sig'};

/** `kid` is the thumbprint; `x` and `y` are base64url of 32 bytes each. */
export interface PublicKey {
  readonly use: KeyUse;
  readonly kid: string;
  readonly x: string;
  readonly y: string;
}

/**
 * A key pair. The private half is a WebCrypto handle: unless it was asked for as extractable, no
 * script can read it out again, and it can be kept so in IndexedDB.
 */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  readonly handle: CryptoKey;
}

// The curve (FIPS 186-4, D.1.2.3): y² = x³ − 3x + b over the field of P elements.
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Checked here and not left to WebCrypto, so that each browser gives the same answer. */
export function isOnCurve(x: Uint8Array, y: Uint8Array): boolean {
  if (x.length !== COORDINATE_BYTES || y.length !== COORDINATE_BYTES) return false;
  const [px, py] = [toBigInt(x), toBigInt(y)];
  if (px >= P || py >= P) return false;
  return (py * py - (px * px * px - 3n * px + B)) % P === 0n;
}

/** RFC 7638 with SHA-256: the required members only, in their order, no white space. */
export function thumbprintInput(key: {x: string; y: string}): string {
  return `{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`;
}

export async function thumbprint(key: {x: string; y: string}): Promise<string> {
  return hashText(thumbprintInput(key));
}

export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  return a.use === b.use && a.kid === b.kid && a.x === b.x && a.y === b.y;
}

/** The handle that WebCrypto verifies or agrees with. */
export async function importPublic(key: PublicKey): Promise<CryptoKey> {
  const jwk: JsonWebKey = {kty: 'EC', crv: 'P-256', x: key.x, y: key.y};
  return key.use === 'epoch' ?
      crypto.subtle.importKey('jwk', jwk, {name: 'ECDH', namedCurve: 'P-256'}, false, []) :
      crypto.subtle.importKey('jwk', jwk, {name: 'ECDSA', namedCurve: 'P-256'}, false, ['verify']);
}

/** Refused with INVALID_KEY unless use, point and kid hold together. */
export async function checkPublicKey(key: PublicKey, use: KeyUse): Promise<void> {
  if (key.use !== use) refuse(REASON, 'use');
  const [x, y] = [base64UrlDecode(key.x), base64UrlDecode(key.y)];
  if (x === undefined || y === undefined || !isOnCurve(x, y)) refuse(REASON, 'point');
  if (key.kid !== await thumbprint(key)) refuse(REASON, 'kid');
}

/** As checkPublicKey, and that the private half belongs to the public one. */
export async function checkPrivateKey(key: PrivateKey, use: KeyUse): Promise<void> {
  await checkPublicKey(key.publicKey, use);
  if (!await isPair(key)) refuse(REASON, 'd');
}

// Shown by use, because the handle itself tells nothing: what the one half makes, the other takes.
async function isPair(key: PrivateKey): Promise<boolean> {
  const {subtle} = crypto;
  const publicHandle = await importPublic(key.publicKey);
  try {
    if (key.publicKey.use === 'signing') {
      const probe = crypto.getRandomValues(new Uint8Array(32));
      const signature = await subtle.sign(ES256, key.handle, probe);
      return await subtle.verify(ES256, publicHandle, signature, probe);
    }
    const other =
        await subtle.generateKey({name: 'ECDH', namedCurve: 'P-256'}, false, ['deriveBits']);
    const one = await subtle.deriveBits({name: 'ECDH', public: other.publicKey}, key.handle, 256);
    const agreed = {name: 'ECDH', public: publicHandle};
    const two = await subtle.deriveBits(agreed, other.privateKey, 256);
    const bytes = new Uint8Array(two);
    return new Uint8Array(one).every((byte, i) => byte === bytes[i]);
  } catch {
    return false;  // a handle of another kind
  }
}

export const ES256 = {name: 'ECDSA', hash: 'SHA-256'} as const;

function usagesOf(use: KeyUse): {algorithm: EcKeyImportParams; usages: KeyUsage[]} {
  return use === 'epoch' ?
      {algorithm: {name: 'ECDH', namedCurve: 'P-256'}, usages: ['deriveBits']} :
      {algorithm: {name: 'ECDSA', namedCurve: 'P-256'}, usages: ['sign']};
}

/**
 * A new key pair. `extractable` only where the private half must be wrapped for other devices
 * (epoch and signing keys of a new epoch); a device key is made without.
 */
export async function generateKey(
    use: KeyUse, {extractable = false}: {extractable?: boolean} = {}): Promise<PrivateKey> {
  const {algorithm, usages} = usagesOf(use);
  const pair = await crypto.subtle.generateKey(
      algorithm as EcKeyGenParams, extractable,
      use === 'signing' ? ['sign', 'verify'] : usages) as CryptoKeyPair;
  const {x, y} = await toPublicPoint(pair.publicKey);
  const point = {x: base64UrlEncode(x), y: base64UrlEncode(y)};
  return {publicKey: {use, kid: await thumbprint(point), ...point}, handle: pair.privateKey};
}

/** The coordinates of a public handle. */
export async function toPublicPoint(handle: CryptoKey): Promise<{x: Bytes; y: Bytes}> {
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', handle));
  return {x: raw.slice(1, 33), y: raw.slice(33, 65)};  // after the 4 of "uncompressed" (SEC 1)
}

/** The JWK as a plain object, for JSON.stringify. */
export function toJwkObject(key: PublicKey): Record<string, string> {
  return {
    kty: 'EC', crv: 'P-256', alg: ALGORITHM[key.use], use: JWK_USE[key.use], kid: key.kid,
    x: key.x, y: key.y,
  };
}

export function toJwk(key: PublicKey): string {
  return JSON.stringify(toJwkObject(key));
}

/** Throws WebCrypto's InvalidAccessError if the key was not made extractable. */
export async function toPrivateJwkObject(key: PrivateKey): Promise<Record<string, string>> {
  const jwk = await crypto.subtle.exportKey('jwk', key.handle);
  return {...toJwkObject(key.publicKey), d: jwk.d!};
}

/** A parsed object as a public key. Refused with INVALID_KEY and a detail. */
export async function publicKeyOf(object: JsonObject): Promise<PublicKey> {
  checkMembers(REASON, object, ['kty', 'crv', 'alg', 'x', 'y'], ['use', 'kid']);
  return pointOf(object);
}

async function pointOf(object: JsonObject): Promise<PublicKey> {
  expectText(REASON, object, 'kty', 'EC');
  expectText(REASON, object, 'crv', 'P-256');
  const algorithm = textOf(REASON, object, 'alg');
  const use = (['epoch', 'signing'] as const).find((each) => ALGORITHM[each] === algorithm);
  if (use === undefined) refuse(REASON, 'alg');
  if (object.has('use')) expectText(REASON, object, 'use', JWK_USE[use]);
  const [x, y] = [bytesOf(REASON, object, 'x', 32), bytesOf(REASON, object, 'y', 32)];
  const text = {x: textOf(REASON, object, 'x'), y: textOf(REASON, object, 'y')};
  const kid = await thumbprint(text);
  if (object.has('kid')) expectText(REASON, object, 'kid', kid);
  if (!isOnCurve(x, y)) refuse(REASON, 'point');
  return {use, kid, ...text};
}

/** A parsed object as a private key. Refused with INVALID_KEY and a detail. */
export async function privateKeyOf(
    object: JsonObject, {extractable = false}: {extractable?: boolean} = {}): Promise<PrivateKey> {
  checkMembers(REASON, object, ['kty', 'crv', 'alg', 'x', 'y', 'd'], ['use', 'kid']);
  const publicKey = await pointOf(object);
  bytesOf(REASON, object, 'd', COORDINATE_BYTES);
  const {algorithm, usages} = usagesOf(publicKey.use);
  const jwk: JsonWebKey = {
    kty: 'EC', crv: 'P-256', x: publicKey.x, y: publicKey.y, d: textOf(REASON, object, 'd'),
  };
  let handle: CryptoKey;
  try {
    handle = await crypto.subtle.importKey('jwk', jwk, algorithm, extractable, usages);
  } catch {
    refuse(REASON, 'd');  // zero, or not below the order of the curve
  }
  const key = {publicKey, handle};
  if (!await isPair(key)) refuse(REASON, 'd');
  return key;
}

export async function parseJwk(text: string | Uint8Array): Promise<PublicKey> {
  return publicKeyOf(parseObject(REASON, text, MAX_JWK_BYTES, 1));
}

export async function parsePrivateJwk(
    text: string | Uint8Array, options: {extractable?: boolean} = {}): Promise<PrivateKey> {
  return privateKeyOf(parseObject(REASON, text, MAX_JWK_BYTES, 1), options);
}
