// Members of a parsed JSON object, each of the one kind that it may be. Refusals carry the caller's
// reason and, as the detail, the member's name.

import {type Bytes, base64UrlDecode} from './encoding.js';
import {refuse} from './errors.js';
import {isArray, type JsonObject, type JsonValue} from './strict_json.js';

// Header parameters of RFC 7515, 7516, 7518 and 7797 that name a key, move one in, change the
// algorithm or switch on something that no profile here has.
const FORBIDDEN = new Set([
  'zip', 'crit', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'apu', 'apv', 'p2s', 'p2c', 'b64',
  'tag', 'iv', 'unprotected', 'aad', 'skid', 'd',
]);

/** Exactly these members. Details: forbidden_member, unknown_member, missing_member. */
export function checkMembers(
    reason: string, object: JsonObject, required: readonly string[],
    optional: readonly string[] = []): void {
  for (const name of object.keys()) {
    if (required.includes(name) || optional.includes(name)) continue;
    refuse(reason, FORBIDDEN.has(name) ? 'forbidden_member' : 'unknown_member');
  }
  for (const name of required) {
    if (!object.has(name)) refuse(reason, 'missing_member');
  }
}

export function textOf(reason: string, object: JsonObject, name: string): string {
  const value = object.get(name);
  if (typeof value !== 'string') refuse(reason, name);
  return value;
}

/** A whole number from `least` to `most`. */
export function integerOf(
    reason: string, object: JsonObject, name: string, least: number, most: number): number {
  const value = object.get(name);
  if (typeof value !== 'number' || value < least || value > most) refuse(reason, name);
  return value;
}

export function arrayOf(reason: string, object: JsonObject, name: string): readonly JsonValue[] {
  const value = object.get(name);
  if (!isArray(value)) refuse(reason, name);
  return value;
}

/** base64url of exactly `size` bytes (0: any number but none). */
export function bytesOf(reason: string, object: JsonObject, name: string, size: number): Bytes {
  const bytes = base64UrlDecode(textOf(reason, object, name));
  if (bytes === undefined || bytes.length === 0) refuse(reason, name);
  if (size !== 0 && bytes.length !== size) refuse(reason, name);
  return bytes;
}

/** This very string. */
export function expectText(
    reason: string, object: JsonObject, name: string, value: string): void {
  if (object.get(name) !== value) refuse(reason, name);
}
