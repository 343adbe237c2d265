// The three operations of RFC 7516 and 7515 that the formats here are made of, each in the one size
// and algorithm that they use, on WebCrypto. Nothing in this file looks at what a message asks for.

import {base64UrlDecode, base64UrlEncode, type Bytes, concat, latin1, utf8} from './encoding.js';
import {ES256, importPublic, type PrivateKey, type PublicKey, toPublicPoint} from './jwk.js';

export const KEY_ALGORITHM = 'ECDH-ES+A256KW';
export const CONTENT_ALGORITHM = 'A256GCM';
export const SIGNATURE_ALGORITHM = 'ES256';
export const IV_BYTES = 12;
export const TAG_BYTES = 16;
export const WRAPPED_KEY_BYTES = 40;  // RFC 3394: 8 more than the key

/** The content key for one recipient, with an ephemeral key of its own. */
export interface WrappedKey {
  readonly epk: {x: Bytes; y: Bytes};
  readonly encryptedKey: Bytes;
}

export interface Encrypted {
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

function bigEndian32(value: number): Bytes {
  return new Uint8Array([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
}

// RFC 7518, section 4.6.2: one round of the Concat KDF, no party infos, 256 bits.
async function wrappingKey(
    privateHandle: CryptoKey, publicHandle: CryptoKey, usage: 'wrapKey' | 'unwrapKey'):
    Promise<CryptoKey> {
  const {subtle} = crypto;
  const z = new Uint8Array(
      await subtle.deriveBits({name: 'ECDH', public: publicHandle}, privateHandle, 256));
  const algorithm = utf8(KEY_ALGORITHM);
  const input = concat(
      bigEndian32(1), z, bigEndian32(algorithm.length), algorithm, bigEndian32(0), bigEndian32(0),
      bigEndian32(256));
  const kek = await subtle.digest('SHA-256', input);
  z.fill(0);
  input.fill(0);
  return subtle.importKey('raw', kek, 'AES-KW', false, [usage]);
}

/** A new content key. It can be wrapped, and lives no longer than the packet's making. */
export async function newContentKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, true, ['encrypt']);
}

export async function wrapFor(recipient: PublicKey, contentKey: CryptoKey): Promise<WrappedKey> {
  const {subtle} = crypto;
  const ephemeral =
      await subtle.generateKey({name: 'ECDH', namedCurve: 'P-256'}, false, ['deriveBits']);
  const kek =
      await wrappingKey(ephemeral.privateKey, await importPublic(recipient), 'wrapKey');
  const encryptedKey = new Uint8Array(await subtle.wrapKey('raw', contentKey, kek, 'AES-KW'));
  return {epk: await toPublicPoint(ephemeral.publicKey), encryptedKey};
}

/**
 * Undefined when the key is another's, or anything was changed. What comes out can be wrapped again
 * only if `rewrappable`.
 */
export async function unwrap(
    own: PrivateKey, wrapped: WrappedKey, rewrappable = false): Promise<CryptoKey | undefined> {
  const {subtle} = crypto;
  try {
    const point = {
      use: 'epoch', kid: '', x: base64UrlEncode(wrapped.epk.x), y: base64UrlEncode(wrapped.epk.y),
    } as const;
    const kek = await wrappingKey(own.handle, await importPublic(point), 'unwrapKey');
    return await subtle.unwrapKey(
        'raw', wrapped.encryptedKey, kek, 'AES-KW', {name: 'AES-GCM', length: 256},
        rewrappable, ['decrypt']);
  } catch {
    return undefined;
  }
}

export async function encrypt(
    contentKey: CryptoKey, protectedB64: string, plaintext: Bytes): Promise<Encrypted> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(
      {name: 'AES-GCM', iv, additionalData: utf8(protectedB64), tagLength: 8 * TAG_BYTES},
      contentKey, plaintext));
  const end = sealed.length - TAG_BYTES;
  return {iv, ciphertext: sealed.slice(0, end), tag: sealed.slice(end)};
}

export async function decrypt(
    contentKey: CryptoKey, protectedB64: string, sealed: Encrypted): Promise<Bytes | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(
        {
          name: 'AES-GCM', iv: sealed.iv, additionalData: utf8(protectedB64),
          tagLength: 8 * TAG_BYTES,
        },
        contentKey, concat(sealed.ciphertext, sealed.tag)));
  } catch {
    return undefined;
  }
}

/** The compact form (RFC 7515, section 3.1) of a header and a payload as they are. */
export async function signJws(
    header: Record<string, string>, payload: Bytes, key: PrivateKey): Promise<string> {
  const input = `${base64UrlEncode(utf8(JSON.stringify(header)))}.${base64UrlEncode(payload)}`;
  const signature = await crypto.subtle.sign(ES256, key.handle, utf8(input));
  return `${input}.${base64UrlEncode(new Uint8Array(signature))}`;
}

/** A compact JWS, taken apart and nothing checked. */
export interface JwsParts {
  readonly header: Bytes;
  readonly payloadB64: string;
  readonly signingInput: string;
  readonly signature: Bytes;
}

/** Undefined unless it has the shape. More dots than two end in a payload that is no base64url. */
export function splitJws(jws: string | Uint8Array): JwsParts | undefined {
  const text = typeof jws === 'string' ? jws : latin1(jws);
  const first = text.indexOf('.');
  const last = text.lastIndexOf('.');
  if (first === -1 || first === last) return undefined;
  const header = base64UrlDecode(text.slice(0, first));
  const signature = base64UrlDecode(text.slice(last + 1));
  if (header === undefined || signature === undefined) return undefined;
  return {
    header, signature, payloadB64: text.slice(first + 1, last), signingInput: text.slice(0, last),
  };
}

/** r ‖ s, 64 bytes (RFC 7518, section 3.4); any other length is false. */
export async function verifyJws(key: PublicKey, parts: JwsParts): Promise<boolean> {
  if (parts.signature.length !== 64) return false;
  return crypto.subtle.verify(
      ES256, await importPublic(key), parts.signature, utf8(parts.signingInput));
}
