// Key wraps: an epoch's private keys, sealed to one device by a colleague who holds them.
// docs/decisions/0008-keys.md; services/common/keys/wrap.h is the same in C++.
//
// A wrap is not signed: whoever can make one can only give keys away, and the device takes no keys
// but those which the agency's signed list names.

import {base64UrlDecode, base64UrlEncode, type Bytes, isHash, isUuid, utf8} from './encoding.js';
import {Refusal, refuse} from './errors.js';
import {
  CONTENT_ALGORITHM, decrypt, encrypt, IV_BYTES, newContentKey, TAG_BYTES, unwrap, wrapFor,
} from './jose_crypto.js';
import {
  checkPrivateKey, checkPublicKey, type KeyUse, type PrivateKey, privateKeyOf, type PublicKey,
  samePublicKey, toPrivateJwkObject,
} from './jwk.js';
import {MAX_NUMBER} from './jws.js';
import {type KeyList, listsDevice} from './key_list.js';
import {arrayOf, bytesOf, checkMembers, expectText, integerOf, textOf} from './members.js';
import {type Recipient, recipientOf, toRecipientObject} from './recipient.js';
import {isObject, type JsonObject, parseObject} from './strict_json.js';

const INVALID = 'WRAP_INVALID';
const TYPE = 'fairlead-wrap+jwe';
export const MAX_WRAP_BYTES = 8192;

/** One epoch's private halves. */
export interface EpochKeys {
  readonly epoch: number;
  readonly epochKey: PrivateKey;
  readonly signingKey: PrivateKey;
}

/** What a wrap says in clear. `version`: of the list that it was made for. */
export interface WrapHeader {
  readonly agencyId: string;
  readonly epoch: number;
  readonly deviceKid: string;
  readonly version: number;
}

interface Wrap {
  readonly header: WrapHeader;
  readonly protectedB64: string;
  readonly recipient: Recipient;
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

function headerOf(protectedB64: string): WrapHeader {
  const bytes = base64UrlDecode(protectedB64);
  if (bytes === undefined) refuse(INVALID, 'protected');
  const object = parseObject(INVALID, bytes, MAX_WRAP_BYTES, 1);
  checkMembers(
      INVALID, object, ['typ', 'v', 'enc', 'agency_id', 'epoch', 'device_kid', 'version']);
  expectText(INVALID, object, 'typ', TYPE);
  expectText(INVALID, object, 'enc', CONTENT_ALGORITHM);
  integerOf(INVALID, object, 'v', 1, 1);
  const agencyId = textOf(INVALID, object, 'agency_id');
  const epoch = integerOf(INVALID, object, 'epoch', 1, MAX_NUMBER);
  const deviceKid = textOf(INVALID, object, 'device_kid');
  const version = integerOf(INVALID, object, 'version', 1, MAX_NUMBER);
  if (!isUuid(agencyId)) refuse(INVALID, 'agency_id');
  if (!isHash(deviceKid)) refuse(INVALID, 'device_kid');
  return {agencyId, epoch, deviceKid, version};
}

function parse(jwe: string): Wrap {
  const object = parseObject(INVALID, jwe, MAX_WRAP_BYTES, 5);
  checkMembers(INVALID, object, ['protected', 'recipients', 'iv', 'ciphertext', 'tag']);
  const protectedB64 = textOf(INVALID, object, 'protected');
  const header = headerOf(protectedB64);
  const recipients = arrayOf(INVALID, object, 'recipients');
  if (recipients.length !== 1) refuse(INVALID, 'recipients');
  const recipient = recipientOf(INVALID, recipients[0]!, false);
  // Per-recipient headers are not authenticated: the protected one says who it is for.
  if (recipient.kid !== header.deviceKid) refuse(INVALID, 'device_kid');
  const iv = bytesOf(INVALID, object, 'iv', IV_BYTES);
  const ciphertext = bytesOf(INVALID, object, 'ciphertext', 0);
  const tag = bytesOf(INVALID, object, 'tag', TAG_BYTES);
  return {header, protectedB64, recipient, iv, ciphertext, tag};
}

/** The form alone, without any key. Refused with WRAP_INVALID and a stable detail. */
export function readWrap(jwe: string): WrapHeader {
  return parse(jwe).header;
}

async function keyOf(
    object: JsonObject, name: string, use: KeyUse, extractable: boolean): Promise<PrivateKey> {
  const value = object.get(name);
  if (!isObject(value)) refuse(INVALID, name);
  let key: PrivateKey;
  try {
    key = await privateKeyOf(value, {extractable});
  } catch (refusal) {
    if (refusal instanceof Refusal) refuse(INVALID, name);
    throw refusal;
  }
  if (key.publicKey.use !== use) refuse(INVALID, name);
  return key;
}

async function open(wrap: Wrap, device: PrivateKey, extractable: boolean): Promise<EpochKeys> {
  const {epk, encryptedKey} = wrap.recipient;
  const contentKey = await unwrap(device, {epk, encryptedKey: encryptedKey!});
  if (contentKey === undefined) refuse(INVALID, 'decrypt');
  const plaintext = await decrypt(contentKey, wrap.protectedB64, wrap);
  if (plaintext === undefined) refuse(INVALID, 'decrypt');
  const object = parseObject(INVALID, plaintext, MAX_WRAP_BYTES, 2);
  plaintext.fill(0);
  checkMembers(INVALID, object, ['epoch_jwk', 'signing_jwk']);
  return {
    epoch: wrap.header.epoch,
    epochKey: await keyOf(object, 'epoch_jwk', 'epoch', extractable),
    signingKey: await keyOf(object, 'signing_jwk', 'signing', extractable),
  };
}

/**
 * Opens a wrap and holds its keys against a list that is believed already. The keys cannot be read
 * out again unless `extractable`, which is for wrapping them to another device. Refused with
 * DEVICE_NOT_LISTED, WRAP_INVALID (detail decrypt: not for this device, or changed),
 * WRAP_KEY_MISMATCH (the keys are not those that the list names for the epoch).
 */
export async function unwrapKeys(
    jwe: string, device: PrivateKey, list: KeyList,
    {extractable = false}: {extractable?: boolean} = {}): Promise<EpochKeys> {
  if (!listsDevice(list, device.publicKey.kid)) refuse('DEVICE_NOT_LISTED');
  const wrap = parse(jwe);
  if (wrap.header.agencyId !== list.agencyId) refuse(INVALID, 'agency_id');
  if (wrap.header.deviceKid !== device.publicKey.kid) refuse(INVALID, 'device_kid');
  if (wrap.header.version > list.version) refuse(INVALID, 'version');
  const keys = await open(wrap, device, extractable);
  checkListed(keys, list);
  return keys;
}

/** Whether these are the keys that the list names for their epoch. */
export function checkListed(keys: EpochKeys, list: KeyList): void {
  const [epochKey, signingKey] = [keys.epochKey.publicKey, keys.signingKey.publicKey];
  if (keys.epoch === list.epoch) {
    if (!samePublicKey(epochKey, list.epochKey)) refuse('WRAP_KEY_MISMATCH');
    if (!samePublicKey(signingKey, list.signingKey)) refuse('WRAP_KEY_MISMATCH');
    return;
  }
  const past = list.past.find((each) => each.epoch === keys.epoch);
  if (past?.epochKid !== epochKey.kid) refuse('WRAP_KEY_MISMATCH');
  if (!samePublicKey(past.signingKey, signingKey)) refuse('WRAP_KEY_MISMATCH');
}

/** `keys` must be extractable; `version`: of the list that the wrap is published with. */
export async function wrapKeys(
    agencyId: string, version: number, keys: EpochKeys, device: PublicKey): Promise<string> {
  await checkPublicKey(device, 'epoch');
  await checkPrivateKey(keys.epochKey, 'epoch');
  await checkPrivateKey(keys.signingKey, 'signing');
  const protectedB64 = base64UrlEncode(utf8(JSON.stringify({
    typ: TYPE, v: 1, enc: CONTENT_ALGORITHM, agency_id: agencyId, epoch: keys.epoch,
    device_kid: device.kid, version,
  })));
  const plaintext = utf8(JSON.stringify({
    epoch_jwk: await toPrivateJwkObject(keys.epochKey),
    signing_jwk: await toPrivateJwkObject(keys.signingKey),
  }));
  const contentKey = await newContentKey();
  const sealed = await encrypt(contentKey, protectedB64, plaintext);
  plaintext.fill(0);
  return JSON.stringify({
    protected: protectedB64,
    recipients: [toRecipientObject(device, await wrapFor(device, contentKey))],
    iv: base64UrlEncode(sealed.iv),
    ciphertext: base64UrlEncode(sealed.ciphertext),
    tag: base64UrlEncode(sealed.tag),
  });
}
