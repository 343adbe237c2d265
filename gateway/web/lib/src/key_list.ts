// An agency's key list: its form, and what may come after what. docs/decisions/0008-keys.md;
// services/common/keys/key_list.cc is the same in C++.

import {hashText, isHash} from './encoding.js';
import {refuse} from './errors.js';
import {type PrivateKey, type PublicKey, samePublicKey, toJwkObject} from './jwk.js';
import {
  checkSignature, expiresOf, issuedOf, keyOf, MAX_LIFE_S, numberOf, sign, STATEMENT_INVALID, take,
  uuidOf,
} from './jws.js';
import {checkMembers, expectText, integerOf, textOf} from './members.js';
import {isArray, isObject, type JsonObject, type JsonValue} from './strict_json.js';

const TYPE = 'fairlead-keys+jwt';
const MAX_TIME_S = 253_402_300_799;  // the end of the year 9999
export const MAX_KEY_LIST_BYTES = 192 * 1024;
export const MAX_PAST_EPOCHS = 100;
export const MAX_DEVICES = 200;

export interface PastEpoch {
  readonly epoch: number;
  readonly epochKid: string;
  readonly signingKey: PublicKey;
  readonly untilS: number;
}

export interface ListedDevice {
  readonly key: PublicKey;
  readonly staffId: string;
}

export interface KeyList {
  readonly agencyId: string;
  readonly agencyKey: PublicKey;
  readonly version: number;
  readonly previous: string;  // listHash of the list before; empty for version 1
  readonly epoch: number;
  readonly epochKey: PublicKey;
  readonly signingKey: PublicKey;
  readonly past: readonly PastEpoch[];        // rising, up to epoch - 1; the latest 100
  readonly devices: readonly ListedDevice[];  // sorted by kid, unique
  readonly issuedS: number;
  readonly expiresS: number;
}

function refuseList(check: string): never {
  refuse(STATEMENT_INVALID, check);
}

function itemsOf(payload: JsonObject, name: string, most: number): readonly JsonValue[] {
  const value = payload.get(name);
  if (!isArray(value) || value.length > most) refuseList(name);
  return value;
}

async function readPast(value: JsonValue): Promise<PastEpoch> {
  if (!isObject(value)) refuseList('past');
  checkMembers(STATEMENT_INVALID, value, ['epoch', 'epoch_kid', 'signing_jwk', 'until']);
  const epoch = numberOf(value, 'epoch');
  const epochKid = textOf(STATEMENT_INVALID, value, 'epoch_kid');
  const signingKey = await keyOf(value, 'signing_jwk', 'signing');
  const untilS = integerOf(STATEMENT_INVALID, value, 'until', 1, MAX_TIME_S);
  if (!isHash(epochKid)) refuseList('epoch_kid');
  return {epoch, epochKid, signingKey, untilS};
}

// Every earlier epoch, or the latest 100, in rising order and up to the current one.
async function readPasts(payload: JsonObject, epoch: number): Promise<PastEpoch[]> {
  const items = itemsOf(payload, 'past', MAX_PAST_EPOCHS);
  const wanted = Math.min(epoch - 1, MAX_PAST_EPOCHS);
  if (items.length !== wanted) refuseList('past');
  const pasts: PastEpoch[] = [];
  for (const item of items) {
    const past = await readPast(item);
    if (past.epoch !== epoch - wanted + pasts.length) refuseList('past');
    if (past.untilS < (pasts.at(-1)?.untilS ?? 1)) refuseList('until');
    pasts.push(past);
  }
  return pasts;
}

async function readDevices(payload: JsonObject): Promise<ListedDevice[]> {
  const devices: ListedDevice[] = [];
  for (const item of itemsOf(payload, 'devices', MAX_DEVICES)) {
    if (!isObject(item)) refuseList('devices');
    checkMembers(STATEMENT_INVALID, item, ['kid', 'device_jwk', 'staff_id']);
    const key = await keyOf(item, 'device_jwk', 'epoch');
    const staffId = uuidOf(item, 'staff_id');
    expectText(STATEMENT_INVALID, item, 'kid', key.kid);
    const before = devices.at(-1);
    if (before !== undefined && before.key.kid >= key.kid) refuseList('devices');
    devices.push({key, staffId});
  }
  return devices;
}

// No key has two uses, and none is used again.
function checkDistinct(list: KeyList): void {
  const kids = new Set<string>([list.agencyKey.kid]);
  const add = (kid: string, check: string): void => {
    if (kids.has(kid)) refuseList(check);
    kids.add(kid);
  };
  add(list.epochKey.kid, 'epoch_jwk');
  add(list.signingKey.kid, 'signing_jwk');
  for (const past of list.past) {
    add(past.epochKid, 'past');
    add(past.signingKey.kid, 'past');
  }
  for (const device of list.devices) add(device.key.kid, 'devices');
}

/**
 * Signed by the agency key that it carries; whether that key is the agency's, a certificate or a
 * pin tells (trust.ts). Not whether it has expired.
 */
export async function parseKeyList(jws: string, nowS: number): Promise<KeyList> {
  const statement = take(jws, TYPE, MAX_KEY_LIST_BYTES, [
    'v', 'agency_id', 'agency_jwk', 'version', 'previous', 'epoch', 'epoch_jwk', 'signing_jwk',
    'past', 'devices', 'iat', 'exp',
  ]);
  const {payload} = statement;
  const agencyKey = await keyOf(payload, 'agency_jwk', 'signing');
  await checkSignature(statement, agencyKey);
  const agencyId = uuidOf(payload, 'agency_id');
  const version = numberOf(payload, 'version');
  const previous = textOf(STATEMENT_INVALID, payload, 'previous');
  if (version === 1 ? previous !== '' : !isHash(previous)) refuseList('previous');
  const epoch = numberOf(payload, 'epoch');
  if (epoch > version) refuseList('epoch');
  const epochKey = await keyOf(payload, 'epoch_jwk', 'epoch');
  const signingKey = await keyOf(payload, 'signing_jwk', 'signing');
  const past = await readPasts(payload, epoch);
  const devices = await readDevices(payload);
  const issuedS = issuedOf(payload, nowS);
  const expiresS = expiresOf(payload, issuedS);
  const list = {
    agencyId, agencyKey, version, previous, epoch, epochKey, signingKey, past, devices, issuedS,
    expiresS,
  };
  checkDistinct(list);
  return list;
}

/** base64url SHA-256 of the list as sent. */
export async function listHash(jws: string): Promise<string> {
  return hashText(jws);
}

function toPayload(list: KeyList): object {
  return {
    v: 1, agency_id: list.agencyId, agency_jwk: toJwkObject(list.agencyKey),
    version: list.version, previous: list.previous, epoch: list.epoch,
    epoch_jwk: toJwkObject(list.epochKey), signing_jwk: toJwkObject(list.signingKey),
    past: list.past.map((past) => ({
      epoch: past.epoch, epoch_kid: past.epochKid, signing_jwk: toJwkObject(past.signingKey),
      until: past.untilS,
    })),
    devices: list.devices.map((device) => ({
      kid: device.key.kid, device_jwk: toJwkObject(device.key), staff_id: device.staffId,
    })),
    iat: list.issuedS, exp: list.expiresS,
  };
}

/** `agencyKey` must be the pair of list.agencyKey. What would not be read is not signed. */
export async function signKeyList(list: KeyList, agencyKey: PrivateKey): Promise<string> {
  if (!samePublicKey(agencyKey.publicKey, list.agencyKey)) refuseList('agency_jwk');
  const jws = await sign(TYPE, toPayload(list), agencyKey, MAX_KEY_LIST_BYTES);
  await parseKeyList(jws, list.issuedS);
  return jws;
}

/** The list that comes next, unsigned, good for 400 days: the same epoch, the same devices. */
export async function nextList(beforeJws: string, before: KeyList, nowS: number):
    Promise<KeyList> {
  return {
    ...before, version: before.version + 1, previous: await listHash(beforeJws), issuedS: nowS,
    expiresS: nowS + MAX_LIFE_S,
  };
}

/** `list`, a nextList, in a new epoch with these keys; what was current becomes past. */
export function beginEpoch(
    list: KeyList, epochKey: PublicKey, signingKey: PublicKey, nowS: number): KeyList {
  const over: PastEpoch = {
    epoch: list.epoch, epochKid: list.epochKey.kid, signingKey: list.signingKey, untilS: nowS,
  };
  const past = [...list.past, over].slice(-MAX_PAST_EPOCHS);
  return {...list, epoch: list.epoch + 1, epochKey, signingKey, past};
}

/** With this device too, in the order of the kids; one of the same kid is replaced. */
export function withDevice(list: KeyList, device: ListedDevice): KeyList {
  const others = list.devices.filter((each) => each.key.kid !== device.key.kid);
  const devices = [...others, device].sort((a, b) => (a.key.kid < b.key.kid ? -1 : 1));
  return {...list, devices};
}

export function listsDevice(list: KeyList, kid: string): boolean {
  return list.devices.some((device) => device.key.kid === kid);
}

/** The agency's keys that the list names, by kid, now and in the past; no devices. */
export function agencyKids(list: KeyList): readonly string[] {
  return [
    list.agencyKey.kid, list.epochKey.kid, list.signingKey.kid,
    ...list.past.flatMap(({epochKid, signingKey}) => [epochKid, signingKey.kid]),
  ];
}
