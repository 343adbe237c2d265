// A recipient of a JWE in General JSON (RFC 7516, section 7.2.1), as packets and key wraps have it.

import {base64UrlEncode, type Bytes, isHash} from './encoding.js';
import {refuse} from './errors.js';
import {KEY_ALGORITHM, WRAPPED_KEY_BYTES, type WrappedKey} from './jose_crypto.js';
import {COORDINATE_BYTES, isOnCurve, type PublicKey} from './jwk.js';
import {bytesOf, checkMembers, expectText, textOf} from './members.js';
import {isObject, type JsonObject, type JsonValue} from './strict_json.js';

/** A wrapped content key; `encryptedKey` is absent where the hub withholds it. */
export interface Recipient {
  readonly kid: string;
  readonly epk: {x: Bytes; y: Bytes};
  readonly encryptedKey: Bytes | undefined;
}

// RFC 7518, section 4.6.1.1. A point off the curve would give the private key away, a little each.
function ephemeralPointOf(reason: string, epk: JsonObject): {x: Bytes; y: Bytes} {
  const x = bytesOf(reason, epk, 'x', COORDINATE_BYTES);
  const y = bytesOf(reason, epk, 'y', COORDINATE_BYTES);
  if (!isOnCurve(x, y)) refuse(reason, 'epk');
  return {x, y};
}

/** `delivered`: the encrypted key may be absent. Refused with `reason` and the member's name. */
export function recipientOf(reason: string, value: JsonValue, delivered: boolean): Recipient {
  if (!isObject(value)) refuse(reason, 'recipients');
  if (delivered) {
    checkMembers(reason, value, ['header'], ['encrypted_key']);
  } else {
    checkMembers(reason, value, ['header', 'encrypted_key']);
  }
  const header = value.get('header');
  if (!isObject(header)) refuse(reason, 'header');
  checkMembers(reason, header, ['alg', 'kid', 'epk']);
  expectText(reason, header, 'alg', KEY_ALGORITHM);
  const epkObject = header.get('epk');
  if (!isObject(epkObject)) refuse(reason, 'epk');
  checkMembers(reason, epkObject, ['kty', 'crv', 'x', 'y']);
  expectText(reason, epkObject, 'kty', 'EC');
  expectText(reason, epkObject, 'crv', 'P-256');
  const kid = textOf(reason, header, 'kid');
  if (!isHash(kid)) refuse(reason, 'kid');
  const epk = ephemeralPointOf(reason, epkObject);
  const encryptedKey = value.has('encrypted_key') ?
      bytesOf(reason, value, 'encrypted_key', WRAPPED_KEY_BYTES) :
      undefined;
  return {kid, epk, encryptedKey};
}

/** For JSON.stringify. */
export function toRecipientObject(key: PublicKey, wrapped: WrappedKey): object {
  return {
    header: {
      alg: KEY_ALGORITHM, kid: key.kid,
      epk: {
        kty: 'EC', crv: 'P-256', x: base64UrlEncode(wrapped.epk.x),
        y: base64UrlEncode(wrapped.epk.y),
      },
    },
    encrypted_key: base64UrlEncode(wrapped.encryptedKey),
  };
}
