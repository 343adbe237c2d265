// fairlead-seal, version 1 (docs/decisions/0003-sealing.md): how a packet is sealed so that the hub
// cannot read it, and opened so that the hub cannot lie about it. services/common/seal is the same
// in C++; reasons and details are equal on both sides.
//
//   const packet = await seal({header, plaintext, recipients: [theirs, ours]}, ourSigningKey);
//   const opened = await open(packet, theirEpochKey, {referralId, releaseHash, senderAgencyId,
//                                senderKey, nowS});

import {
  base64UrlDecode, base64UrlEncode, type Bytes, hashText, isCode, isHash, isUuid, utf8,
} from './encoding.js';
import {refuse} from './errors.js';
import {
  CONTENT_ALGORITHM, decrypt, encrypt, IV_BYTES, type JwsParts, newContentKey,
  SIGNATURE_ALGORITHM, signJws, splitJws, TAG_BYTES, unwrap, verifyJws, wrapFor,
} from './jose_crypto.js';
import {checkPrivateKey, checkPublicKey, type PrivateKey, type PublicKey} from './jwk.js';
import {type KeyList} from './key_list.js';
import {arrayOf, bytesOf, checkMembers, expectText, integerOf, textOf} from './members.js';
import {isPaddedCiphertext, MAX_PLAINTEXT_BYTES, pad, unpad} from './padding.js';
import {type Recipient, recipientOf, toRecipientObject} from './recipient.js';
import {type JsonObject, parseObject} from './strict_json.js';

export {MAX_PLAINTEXT_BYTES} from './padding.js';
export const MAX_PACKET_BYTES = 192 * 1024;
export const MIN_RECIPIENTS = 2;
export const MAX_RECIPIENTS = 8;

const INVALID = 'INVALID_PACKET';
const ENVELOPE_TYPE = 'fairlead-seal+jwe';
const SIGNED_TYPE = 'fairlead-seal+jws';
const MAX_TIME_S = 253_402_300_799;  // the end of the year 9999
const MAX_CATEGORIES = 32;

/** What the protected header says in clear: codes, ids and times only. */
export interface Header {
  readonly referralId: string;   // UUID
  readonly senderAgencyId: string;  // UUID; stays the sender's when a share is sealed anew
  readonly senderKid: string;    // the sending agency's signing key
  readonly releaseHash: string;  // base64url SHA-256 of the release's canonical form
  readonly purpose: string;      // code
  readonly categories: readonly string[];  // 1 to 32 codes, sorted, unique
  readonly expiresS: number;     // seconds since the Unix epoch
  readonly recips: string;       // base64url SHA-256 of the sorted kids, joined with "\n"
}

/** A packet taken apart without any key. */
export interface Envelope {
  readonly header: Header;
  readonly protectedB64: string;
  readonly recipients: readonly Recipient[];
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

export interface SealRequest {
  readonly header: Omit<Header, 'senderKid'|'recips'>;
  readonly plaintext: Uint8Array;           // at most MAX_PLAINTEXT_BYTES
  readonly contentType?: string;            // type/subtype; application/json unless given
  readonly recipients: readonly PublicKey[];  // 2 to 8 epoch keys, the sender's own among them
}

/** What the opener knows from elsewhere and the packet must agree with. */
export interface Expected {
  readonly referralId: string;
  readonly releaseHash: string;
  readonly senderAgencyId: string;  // the agency that the referral says sent it, the key's owner
  readonly senderKey: PublicKey;  // believed through Trust, never taken from the packet
  readonly nowS: number;
  /**
   * For a share that was sealed anew: the kid that its place in the packet has, of an earlier epoch
   * key of the opener's own agency by its signed list. Without: the key that opens has it.
   */
  readonly sealedToKid?: string | undefined;
}

export interface Opened {
  readonly header: Header;
  readonly contentType: string;
  readonly plaintext: Bytes;
}

// The name of the member that is out of form, or undefined.
function headerFault(header: Omit<Header, 'recips'>): string | undefined {
  if (!isUuid(header.referralId)) return 'referral_id';
  if (!isUuid(header.senderAgencyId)) return 'sender_agency_id';
  if (!isHash(header.senderKid)) return 'sender_kid';
  if (!isHash(header.releaseHash)) return 'release_hash';
  if (!isCode(header.purpose)) return 'purpose';
  const codes = header.categories;
  if (codes.length === 0 || codes.length > MAX_CATEGORIES) return 'categories';
  if (!codes.every(isCode)) return 'categories';
  if (codes.some((code, i) => i > 0 && codes[i - 1]! >= code)) return 'categories';
  const time = header.expiresS;
  return Number.isSafeInteger(time) && time >= 1 && time <= MAX_TIME_S ? undefined : 'exp';
}

// RFC 6838, section 4.2.
function isContentType(text: string): boolean {
  return text.length <= 127 && /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/.test(text);
}

async function recipsHash(sortedKids: readonly string[]): Promise<string> {
  return hashText(sortedKids.join('\n'));
}

// ---- taking apart

function headerOf(protectedB64: string): Header {
  const bytes = base64UrlDecode(protectedB64);
  if (bytes === undefined) refuse(INVALID, 'protected');
  const object = parseObject(INVALID, bytes, 8192, 2);
  checkMembers(INVALID, object, [
    'typ', 'v', 'enc', 'cty', 'referral_id', 'sender_agency_id', 'sender_kid', 'release_hash',
    'purpose', 'categories', 'exp', 'recips',
  ]);
  expectText(INVALID, object, 'typ', ENVELOPE_TYPE);
  integerOf(INVALID, object, 'v', 1, 1);
  expectText(INVALID, object, 'enc', CONTENT_ALGORITHM);
  expectText(INVALID, object, 'cty', 'JOSE');
  const header = {
    referralId: textOf(INVALID, object, 'referral_id'),
    senderAgencyId: textOf(INVALID, object, 'sender_agency_id'),
    senderKid: textOf(INVALID, object, 'sender_kid'),
    releaseHash: textOf(INVALID, object, 'release_hash'),
    purpose: textOf(INVALID, object, 'purpose'),
    categories: arrayOf(INVALID, object, 'categories').map((code) => {
      if (typeof code !== 'string') refuse(INVALID, 'categories');
      return code;
    }),
    expiresS: integerOf(INVALID, object, 'exp', -Infinity, Infinity),
    recips: textOf(INVALID, object, 'recips'),
  };
  const fault = headerFault(header);
  if (fault !== undefined) refuse(INVALID, fault);
  return header;
}

// Sorted by kid, which a repeated one is not.
function recipientsOf(packet: JsonObject, delivered: boolean): Recipient[] {
  const items = arrayOf(INVALID, packet, 'recipients');
  if (items.length < MIN_RECIPIENTS || items.length > MAX_RECIPIENTS) {
    refuse(INVALID, 'recipient_count');
  }
  const recipients: Recipient[] = [];
  for (const item of items) {
    const recipient = recipientOf(INVALID, item, delivered);
    const before = recipients.at(-1);
    if (before !== undefined && before.kid >= recipient.kid) refuse(INVALID, 'recipient_order');
    recipients.push(recipient);
  }
  return recipients;
}

/**
 * Strict. `sealed`: as handed in, every recipient has its encrypted key; `delivered`: as handed
 * out, the others' are withheld. Refused with INVALID_PACKET and a stable detail.
 */
export async function parseEnvelope(
    packetJson: string | Uint8Array, form: 'sealed' | 'delivered' = 'sealed'): Promise<Envelope> {
  const packet = parseObject(INVALID, packetJson, MAX_PACKET_BYTES, 5);
  checkMembers(INVALID, packet, ['protected', 'recipients', 'iv', 'ciphertext', 'tag']);
  const protectedB64 = textOf(INVALID, packet, 'protected');
  const header = headerOf(protectedB64);
  const recipients = recipientsOf(packet, form === 'delivered');
  if (header.recips !== await recipsHash(recipients.map((each) => each.kid))) {
    refuse(INVALID, 'recips');
  }
  const iv = bytesOf(INVALID, packet, 'iv', IV_BYTES);
  const ciphertext = bytesOf(INVALID, packet, 'ciphertext', 0);
  if (!isPaddedCiphertext(ciphertext.length)) refuse(INVALID, 'ciphertext');
  const tag = bytesOf(INVALID, packet, 'tag', TAG_BYTES);
  return {header, protectedB64, recipients, iv, ciphertext, tag};
}

// ---- opening

// One answer for a wrong key, a changed key and changed content: nothing to learn from.
async function decryptEnvelope(
    envelope: Envelope, key: PrivateKey, sealedToKid: string | undefined,
    rewrappable: boolean): Promise<{contentKey: CryptoKey; jws: Bytes}> {
  const kid = sealedToKid ?? key.publicKey.kid;
  const mine = envelope.recipients.find((each) => each.kid === kid);
  if (mine === undefined) refuse('NOT_A_RECIPIENT');
  const {epk, encryptedKey} = mine;
  if (encryptedKey === undefined) refuse(INVALID, 'encrypted_key');
  const contentKey = await unwrap(key, {epk, encryptedKey}, rewrappable);
  if (contentKey === undefined) refuse('DECRYPTION_FAILED');
  const jws = await decrypt(contentKey, envelope.protectedB64, envelope);
  if (jws === undefined) refuse('DECRYPTION_FAILED');
  return {contentKey, jws};
}

// The signed header must be exactly ours, name the believed key and belong in this very envelope.
async function checkSignedHeader(
    parts: JwsParts, envelope: Envelope, senderKid: string): Promise<JsonObject> {
  const reason = 'SIGNATURE_INVALID';
  const header = parseObject(reason, parts.header, 512, 2);
  checkMembers(reason, header, ['alg', 'typ', 'kid', 'cty', 'pth']);
  expectText(reason, header, 'alg', SIGNATURE_ALGORITHM);
  expectText(reason, header, 'typ', SIGNED_TYPE);
  if (textOf(reason, header, 'kid') !== senderKid) refuse('SENDER_MISMATCH');
  expectText(reason, header, 'pth', await hashText(envelope.protectedB64));
  return header;
}

async function verify(jws: Bytes, envelope: Envelope, sender: PublicKey): Promise<Opened> {
  if (envelope.header.senderKid !== sender.kid) refuse('SENDER_MISMATCH');
  const parts = splitJws(jws);
  if (parts === undefined) refuse('SIGNATURE_INVALID', 'shape');
  const signed = await checkSignedHeader(parts, envelope, sender.kid);
  if (!await verifyJws(sender, parts)) refuse('SIGNATURE_INVALID', 'signature');
  const contentType = textOf(INVALID, signed, 'cty');
  if (!isContentType(contentType)) refuse(INVALID, 'cty');
  const padded = base64UrlDecode(parts.payloadB64);
  if (padded === undefined) refuse('SIGNATURE_INVALID', 'shape');
  const plaintext = unpad(padded);
  if (plaintext === undefined) refuse(INVALID, 'padding');
  return {header: envelope.header, contentType, plaintext};
}

async function openPacket(
    packetJson: string | Uint8Array, epochKey: PrivateKey, expected: Expected,
    rewrappable: boolean): Promise<{opened: Opened; contentKey: CryptoKey}> {
  await checkPrivateKey(epochKey, 'epoch');
  await checkPublicKey(expected.senderKey, 'signing');
  const envelope = await parseEnvelope(packetJson, 'delivered');
  const {contentKey, jws} =
      await decryptEnvelope(envelope, epochKey, expected.sealedToKid, rewrappable);
  const opened = await verify(jws, envelope, expected.senderKey);
  // A signing key may stand in the lists of two agencies: the sender signs which of them it is.
  if (opened.header.senderAgencyId !== expected.senderAgencyId) refuse('SENDER_AGENCY_MISMATCH');
  if (opened.header.referralId !== expected.referralId) refuse('REFERRAL_MISMATCH');
  if (opened.header.releaseHash !== expected.releaseHash) refuse('RELEASE_MISMATCH');
  if (expected.nowS >= opened.header.expiresS) refuse('PACKET_EXPIRED');
  return {opened, contentKey};
}

/**
 * Refused, in the order of the checks, with INVALID_KEY (of the caller's own), INVALID_PACKET,
 * NOT_A_RECIPIENT, DECRYPTION_FAILED, SENDER_MISMATCH, SIGNATURE_INVALID,
 * SENDER_AGENCY_MISMATCH, REFERRAL_MISMATCH, RELEASE_MISMATCH, PACKET_EXPIRED (now >= exp).
 */
export async function open(
    packetJson: string | Uint8Array, epochKey: PrivateKey, expected: Expected): Promise<Opened> {
  return (await openPacket(packetJson, epochKey, expected, false)).opened;
}

/**
 * Seals the agency's share of a packet anew, to a later epoch key of its own: opens it first, with
 * everything that `open` checks, and wraps the same content key for `next`, which comes from the
 * agency's signed list and never from a hub. The answer is the share for ResealPacket, as JSON.
 * Refused as `open` is, and with INVALID_KEY.
 */
export async function reseal(
    packetJson: string | Uint8Array, epochKey: PrivateKey, expected: Expected,
    next: PublicKey): Promise<string> {
  await checkPublicKey(next, 'epoch');
  const {contentKey} = await openPacket(packetJson, epochKey, expected, true);
  return JSON.stringify(toRecipientObject(next, await wrapFor(next, contentKey)));
}

/**
 * The kid of the place in a delivered packet where a share that was sealed anew stands: that of a
 * key which the own agency's list names, now or in its past. Refused with NOT_A_RECIPIENT: else a
 * hub, with a true recipient, could pass a packet on as if it had been meant for us.
 */
export async function placeSealedAnew(
    packetJson: string | Uint8Array, own: KeyList): Promise<string> {
  const envelope = await parseEnvelope(packetJson, 'delivered');
  const ours = new Set([own.epochKey.kid, ...own.past.map((each) => each.epochKid)]);
  const place = envelope.recipients.find((each) => ours.has(each.kid));
  if (place === undefined) refuse('NOT_A_RECIPIENT');
  return place.kid;
}

// ---- sealing

async function sortedRecipients(keys: readonly PublicKey[]): Promise<PublicKey[]> {
  if (keys.length < MIN_RECIPIENTS) refuse('TOO_FEW_RECIPIENTS');
  if (keys.length > MAX_RECIPIENTS) refuse('TOO_MANY_RECIPIENTS');
  const sorted = [...keys].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  if (new Set(keys.map((key) => key.kid)).size !== keys.length) refuse('DUPLICATE_RECIPIENT');
  for (const key of sorted) await checkPublicKey(key, 'epoch');
  return sorted;
}

function encodeProtected(header: Header): string {
  return base64UrlEncode(utf8(JSON.stringify({
    typ: ENVELOPE_TYPE, v: 1, enc: CONTENT_ALGORITHM, cty: 'JOSE',
    referral_id: header.referralId, sender_agency_id: header.senderAgencyId,
    sender_kid: header.senderKid, release_hash: header.releaseHash, purpose: header.purpose,
    categories: header.categories, exp: header.expiresS, recips: header.recips,
  })));
}

/**
 * The packet, as JSON. Refused with PACKET_TOO_LARGE, INVALID_KEY, TOO_FEW_RECIPIENTS,
 * TOO_MANY_RECIPIENTS, DUPLICATE_RECIPIENT, INVALID_HEADER (the detail names the member).
 */
export async function seal(request: SealRequest, signingKey: PrivateKey): Promise<string> {
  if (request.plaintext.length > MAX_PLAINTEXT_BYTES) refuse('PACKET_TOO_LARGE');
  await checkPrivateKey(signingKey, 'signing');
  const recipients = await sortedRecipients(request.recipients);
  const contentType = request.contentType ?? 'application/json';
  const senderKid = signingKey.publicKey.kid;
  const fault = headerFault({...request.header, senderKid}) ??
      (isContentType(contentType) ? undefined : 'cty');
  if (fault !== undefined) refuse('INVALID_HEADER', fault);
  const recips = await recipsHash(recipients.map((key) => key.kid));
  const protectedB64 = encodeProtected({...request.header, senderKid, recips});
  const jws = await signJws(
      {
        alg: SIGNATURE_ALGORITHM, typ: SIGNED_TYPE, kid: senderKid, cty: contentType,
        pth: await hashText(protectedB64),
      },
      pad(request.plaintext), signingKey);
  const contentKey = await newContentKey();
  const sealed = await encrypt(contentKey, protectedB64, utf8(jws));
  const wrapped = [];
  for (const key of recipients) {
    wrapped.push(toRecipientObject(key, await wrapFor(key, contentKey)));
  }
  return JSON.stringify({
    protected: protectedB64, recipients: wrapped, iv: base64UrlEncode(sealed.iv),
    ciphertext: base64UrlEncode(sealed.ciphertext), tag: base64UrlEncode(sealed.tag),
  });
}
