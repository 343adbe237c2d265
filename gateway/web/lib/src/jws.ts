// The compact JWS (RFC 7515, section 3.1) that every statement is, and the members that statements
// share. Private to the library.

import {base64UrlDecode, isUuid, utf8} from './encoding.js';
import {refuse, Refusal} from './errors.js';
import {type JwsParts, SIGNATURE_ALGORITHM, signJws, splitJws, verifyJws} from './jose_crypto.js';
import {
  checkPrivateKey, type KeyUse, type PrivateKey, type PublicKey, publicKeyOf,
} from './jwk.js';
import {checkMembers, expectText, integerOf, textOf} from './members.js';
import {isObject, type JsonObject, parseObject} from './strict_json.js';

export const STATEMENT_INVALID = 'STATEMENT_INVALID';
export const MAX_NUMBER = 1_000_000;  // versions, epochs, roots
export const MAX_LIFE_S = 400 * 24 * 3600;
export const SKEW_S = 300;

const PAYLOAD_DEPTH = 4;  // list, devices, device, JWK
const MAX_NAME_BYTES = 200;
const MAX_HEADER_BYTES = 512;

export async function sign(
    type: string, payload: object, signer: PrivateKey, maxBytes: number): Promise<string> {
  await checkPrivateKey(signer, 'signing');
  const header = {alg: SIGNATURE_ALGORITHM, typ: type, kid: signer.publicKey.kid};
  const jws = await signJws(header, utf8(JSON.stringify(payload)), signer);
  if (jws.length > maxBytes) refuse(STATEMENT_INVALID, 'too_large');
  return jws;
}

export interface Statement {
  readonly kid: string;  // of the key that is said to have signed
  readonly payload: JsonObject;
  readonly parts: JwsParts;
}

/** Header and payload strictly, with exactly these members and "v": 1. Not the signature. */
export function take(
    jws: string, type: string, maxBytes: number, members: readonly string[]): Statement {
  if (jws.length > maxBytes) refuse(STATEMENT_INVALID, 'too_large');
  const parts = splitJws(jws);
  if (parts === undefined) refuse(STATEMENT_INVALID, 'shape');
  const header = parseObject(STATEMENT_INVALID, parts.header, MAX_HEADER_BYTES, 2);
  checkMembers(STATEMENT_INVALID, header, ['alg', 'typ', 'kid']);
  expectText(STATEMENT_INVALID, header, 'alg', SIGNATURE_ALGORITHM);
  expectText(STATEMENT_INVALID, header, 'typ', type);
  const kid = textOf(STATEMENT_INVALID, header, 'kid');
  const bytes = base64UrlDecode(parts.payloadB64);
  if (bytes === undefined) refuse(STATEMENT_INVALID, 'shape');
  const payload = parseObject(STATEMENT_INVALID, bytes, maxBytes, PAYLOAD_DEPTH);
  checkMembers(STATEMENT_INVALID, payload, members);
  integerOf(STATEMENT_INVALID, payload, 'v', 1, 1);
  return {kid, payload, parts};
}

export async function checkSignature(statement: Statement, signer: PublicKey): Promise<void> {
  if (signer.use !== 'signing' || statement.kid !== signer.kid) refuse(STATEMENT_INVALID, 'kid');
  if (!await verifyJws(signer, statement.parts)) refuse(STATEMENT_INVALID, 'signature');
}

/** A member that is a public JWK of this use; refused with the member's name. */
export async function keyOf(payload: JsonObject, name: string, use: KeyUse): Promise<PublicKey> {
  const value = payload.get(name);
  if (!isObject(value)) refuse(STATEMENT_INVALID, name);
  let key: PublicKey;
  try {
    key = await publicKeyOf(value);
  } catch (refusal) {
    if (refusal instanceof Refusal) refuse(STATEMENT_INVALID, name);
    throw refusal;
  }
  if (key.use !== use) refuse(STATEMENT_INVALID, name);
  return key;
}

export function uuidOf(payload: JsonObject, name: string): string {
  const id = textOf(STATEMENT_INVALID, payload, name);
  if (!isUuid(id)) refuse(STATEMENT_INVALID, name);
  return id;
}

/** 1 to 200 bytes without control characters. */
export function nameOf(payload: JsonObject, name: string): string {
  const text = textOf(STATEMENT_INVALID, payload, name);
  const bytes = utf8(text);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) refuse(STATEMENT_INVALID, name);
  if (bytes.some((byte) => byte < 0x20 || byte === 0x7f)) refuse(STATEMENT_INVALID, name);
  return text;
}

export function numberOf(payload: JsonObject, name: string): number {
  return integerOf(STATEMENT_INVALID, payload, name, 1, MAX_NUMBER);
}

/** Positive, at most five minutes ahead of now. */
export function issuedOf(payload: JsonObject, nowS: number): number {
  return integerOf(STATEMENT_INVALID, payload, 'iat', 1, nowS + SKEW_S);
}

/** After `issuedS`, by at most 400 days. */
export function expiresOf(payload: JsonObject, issuedS: number): number {
  return integerOf(STATEMENT_INVALID, payload, 'exp', issuedS + 1, issuedS + MAX_LIFE_S);
}
