// What a program has come to believe about keys, and its verdict on what the hub answers now. Every
// way in which a hub can lie about keys is a refusal by name, listed in docs/decisions/0008-keys.md
// in the order of the checks. services/common/keys/trust.h is the same in C++.
//
//   const verdict = await judge({root, agency: pin, agencyId}, {keyList, certificate}, nowS);
//   …keep verdict.pin; seal to verdict.list.epochKey
//
// Nothing here is kept or fetched: the caller keeps the pins, and asks people.

import {Refusal, refuse} from './errors.js';
import {type PublicKey, samePublicKey} from './jwk.js';
import {SKEW_S} from './jws.js';
import {agencyKids, type KeyList, listHash, parseKeyList} from './key_list.js';
import {
  type AgencyCertificate, isExpired, parseCertificate, parseFirstRoot, parseNextRoot, peekRoot,
  type RootStatement,
} from './statements.js';

/** The root that this program believes: the highest number it has seen. */
export interface RootPin {
  readonly number: number;
  readonly root: PublicKey;
  readonly coalition: string;
}

/** What is remembered of an agency: enough to see any later answer that contradicts it. */
export interface AgencyPin {
  readonly name: string;        // of the certificate, or as a person has called it
  readonly agencyKid: string;   // the key that signs its lists
  readonly certifiedS: number;  // iat of the certificate taken last; 0: none
  readonly version: number;
  readonly listHash: string;
  readonly epoch: number;
  readonly epochKid: string;
  readonly signingKid: string;
  readonly kids: readonly string[];  // agencyKids of the list seen last
}

export interface Known {
  readonly root?: RootPin;      // none: this program has no root yet
  readonly agency?: AgencyPin;  // none: never seen
  readonly agencyId: string;    // who was asked for
  /** The agency key that a person has just accepted in place of the pinned one. */
  readonly acceptedAgencyKid?: string;
  /** The name by which a person means the agency: the hub has found the id for it. */
  readonly expectedName?: string;
  /** What other agencies' lists have named: `kids` of every other pin. */
  readonly kidsOfOthers?: ReadonlySet<string>;
}

/** As the hub gives it out (GetKeyListResponse). */
export interface Answer {
  readonly keyList: string;
  readonly certificate: string;
}

export interface Verdict {
  readonly list: KeyList;
  readonly pin: AgencyPin;         // to be remembered from now on
  readonly firstUse: boolean;      // no pin stood behind it
  readonly certified: boolean;     // the root vouches for the agency key
  readonly epochChanged: boolean;  // since the pin: worth telling a person
}

// A statement's own refusal under the name of what it was supposed to be.
async function renamed<T>(reason: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (refusal) {
    if (refusal instanceof Refusal) refuse(reason, refusal.detail);
    throw refusal;
  }
}

function pinOf({number, root, coalition}: RootStatement): RootPin {
  return {number, root, coalition};
}

// The statements after `believed`, each signed by the one before.
async function climb(
    believed: RootPin, statements: readonly string[], nowS: number): Promise<RootPin> {
  for (const statement of statements) {
    let next: RootStatement;
    try {
      next = await parseNextRoot(statement, believed.root, nowS);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const notItsSuccessor = ['kid', 'signature', 'previous'].includes(refusal.detail);
      refuse(notItsSuccessor ? 'ROOT_CHANGED' : 'ROOT_INVALID', refusal.detail);
    }
    if (next.number !== believed.number + 1) refuse('ROOT_INVALID', 'number');
    believed = pinOf(next);
  }
  return believed;
}

/**
 * The first root that the statements begin with, and those that follow from it. Not believed until
 * a person has compared the fingerprint of the last. Refused with ROOT_INVALID, ROOT_CHANGED,
 * ROOT_ROLLBACK (there is none).
 */
export async function readRoots(statements: readonly string[], nowS: number): Promise<RootPin> {
  const [first, ...later] = statements;
  if (first === undefined) refuse('ROOT_ROLLBACK');
  return climb(pinOf(await renamed('ROOT_INVALID', parseFirstRoot(first, nowS))), later, nowS);
}

/**
 * What to believe after the hub has shown these, oldest first: the pin itself, or a later root that
 * a chain of signatures from the pin leads to. Refused with ROOT_INVALID, ROOT_CHANGED,
 * ROOT_ROLLBACK.
 */
export async function followRoots(
    pin: RootPin, statements: readonly string[], nowS: number): Promise<RootPin> {
  // The pinned root is found by its number: what the hub shows before it was believed or replaced
  // long ago, and signs nothing now.
  for (const [at, statement] of statements.entries()) {
    const shown = await renamed('ROOT_INVALID', peekRoot(statement, nowS));
    if (shown.number < pin.number) continue;
    if (shown.number > pin.number) return climb(pin, statements.slice(at), nowS);
    if (!samePublicKey(shown.root, pin.root)) refuse('ROOT_CHANGED');
    return climb(pin, statements.slice(at + 1), nowS);
  }
  return refuse('ROOT_ROLLBACK');
}

async function judgeCertificate(
    root: RootPin, known: Known, certificate: string, nowS: number): Promise<AgencyCertificate> {
  if (certificate === '') refuse('CERTIFICATE_MISSING');
  const read = await renamed(
      'CERTIFICATE_INVALID', parseCertificate(certificate, root.root, nowS));
  if (read.agencyId !== known.agencyId) refuse('CERTIFICATE_INVALID', 'agency_id');
  if (isExpired(read.expiresS, nowS)) refuse('CERTIFICATE_EXPIRED');
  if (known.agency !== undefined && read.issuedS < known.agency.certifiedS) {
    refuse('CERTIFICATE_ROLLBACK');
  }
  return read;
}

// A name typed becomes an id by the hub's word: it must be the name of whoever has that id. The
// root's word counts, else what is remembered here.
function checkName(known: Known, certificate: AgencyCertificate | undefined): void {
  const {expectedName = ''} = known;
  const name = certificate?.name ?? known.agency?.name ?? '';
  if (expectedName === '' || name === '') return;
  if (name !== expectedName) refuse('AGENCY_NAME_MISMATCH');
}

async function readList(known: Known, jws: string, nowS: number): Promise<KeyList> {
  const list = await renamed('KEY_LIST_INVALID', parseKeyList(jws, nowS));
  if (list.agencyId !== known.agencyId) refuse('KEY_LIST_INVALID', 'agency_id');
  if (isExpired(list.expiresS, nowS)) refuse('KEY_LIST_EXPIRED');
  return list;
}

function checkAgencyKey(
    known: Known, certificate: AgencyCertificate | undefined, list: KeyList): void {
  const {kid} = list.agencyKey;
  if (certificate !== undefined && certificate.agencyKey.kid !== kid) {
    refuse('AGENCY_KEY_UNCERTIFIED');
  }
  if (known.agency === undefined || known.agency.agencyKid === kid) return;
  if (known.acceptedAgencyKid !== kid) refuse('AGENCY_KEY_CHANGED');
}

function checkEpoch(pin: AgencyPin, list: KeyList): void {
  if (list.epoch < pin.epoch) refuse('EPOCH_ROLLBACK');
  if (list.epoch === pin.epoch) {
    if (list.epochKey.kid !== pin.epochKid) refuse('EPOCH_KEYS_CHANGED');
    if (list.signingKey.kid !== pin.signingKid) refuse('EPOCH_KEYS_CHANGED');
    return;
  }
  // Out of the list after 100 epochs: then nothing can be compared.
  if (pin.epoch < list.epoch - list.past.length) return;
  const past = list.past.find((each) => each.epoch === pin.epoch);
  if (past?.epochKid !== pin.epochKid) refuse('EPOCH_KEYS_CHANGED');
  if (past.signingKey.kid !== pin.signingKid) refuse('EPOCH_KEYS_CHANGED');
}

function checkHistory(pin: AgencyPin, list: KeyList, hash: string): void {
  if (list.version < pin.version) refuse('KEY_LIST_ROLLBACK');
  if (list.version === pin.version && hash !== pin.listHash) refuse('KEY_LIST_FORKED');
  if (list.version === pin.version + 1 && list.previous !== pin.listHash) {
    refuse('KEY_LIST_FORKED');
  }
  checkEpoch(pin, list);
}

// Else an agency could show another one's signing key as its own, and with it the other's packets.
function checkOwnKeys(known: Known, kids: readonly string[]): void {
  if (kids.some((kid) => known.kidsOfOthers?.has(kid))) refuse('KEY_OF_ANOTHER_AGENCY');
}

// What a person has called the agency stays until the root says otherwise.
function nameOf(known: Known, certificate: AgencyCertificate | undefined): string {
  if (certificate !== undefined) return certificate.name;
  return known.agency?.name || (known.expectedName ?? '');
}

/**
 * Refused, in the order of the checks, with CERTIFICATE_MISSING, CERTIFICATE_INVALID,
 * CERTIFICATE_EXPIRED, CERTIFICATE_ROLLBACK, AGENCY_NAME_MISMATCH, KEY_LIST_INVALID,
 * KEY_LIST_EXPIRED, AGENCY_KEY_UNCERTIFIED, AGENCY_KEY_CHANGED, KEY_LIST_ROLLBACK,
 * KEY_LIST_FORKED, EPOCH_ROLLBACK, EPOCH_KEYS_CHANGED, KEY_OF_ANOTHER_AGENCY. Without a root a
 * certificate is not looked at.
 */
export async function judge(known: Known, answer: Answer, nowS: number): Promise<Verdict> {
  const certificate = known.root === undefined ?
      undefined :
      await judgeCertificate(known.root, known, answer.certificate, nowS);
  checkName(known, certificate);
  const list = await readList(known, answer.keyList, nowS);
  checkAgencyKey(known, certificate, list);
  const hash = await listHash(answer.keyList);
  if (known.agency !== undefined) checkHistory(known.agency, list, hash);
  const kids = agencyKids(list);
  checkOwnKeys(known, kids);
  return {
    list,
    pin: {
      name: nameOf(known, certificate),
      agencyKid: list.agencyKey.kid,
      certifiedS: certificate?.issuedS ?? known.agency?.certifiedS ?? 0,
      version: list.version,
      listHash: hash,
      epoch: list.epoch,
      epochKid: list.epochKey.kid,
      signingKid: list.signingKey.kid,
      kids,
    },
    firstUse: known.agency === undefined,
    certified: certificate !== undefined,
    epochChanged: known.agency !== undefined && known.agency.epoch !== list.epoch,
  };
}

/**
 * The agency's key with which a packet sent at `sentS` may be signed. Refused with
 * SENDER_KEY_UNKNOWN, SENDER_KEY_RETIRED (a key of the past, and the packet is said to be younger).
 */
export function senderKey(list: KeyList, kid: string, sentS: number): PublicKey {
  if (kid === list.signingKey.kid) return list.signingKey;
  const past = list.past.find((each) => each.signingKey.kid === kid);
  if (past === undefined) refuse('SENDER_KEY_UNKNOWN');
  if (sentS > past.untilS + SKEW_S) refuse('SENDER_KEY_RETIRED');
  return past.signingKey;
}
