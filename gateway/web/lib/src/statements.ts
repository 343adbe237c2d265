// Signed statements about keys: what a program believes of a key it believes because somebody
// signed it, never because the hub said so (docs/decisions/0008-keys.md).
// services/common/keys/statements.h is the same in C++.
//
//   fairlead-root+jwt     the coalition's root, signed by itself or by the root before it
//   fairlead-agency+jwt   the root's certificate of an agency's key
//   fairlead-keys+jwt     an agency's key list (key_list.ts)
//
// The one refusal is STATEMENT_INVALID; its detail names the member that is wrong, or is shape,
// json, too_large, duplicate_member, unknown_member, forbidden_member, missing_member, signature.

import {isHash} from './encoding.js';
import {refuse} from './errors.js';
import {type PrivateKey, type PublicKey, toJwkObject} from './jwk.js';
import {
  checkSignature, expiresOf, issuedOf, keyOf, nameOf, numberOf, sign, SKEW_S, STATEMENT_INVALID,
  type Statement, take, uuidOf,
} from './jws.js';
import {textOf} from './members.js';
import type {JsonObject} from './strict_json.js';

export {MAX_LIFE_S, MAX_NUMBER, SKEW_S} from './jws.js';

const ROOT_TYPE = 'fairlead-root+jwt';
const CERTIFICATE_TYPE = 'fairlead-agency+jwt';
const MAX_SHORT_BYTES = 4096;

/** The coalition's root. `previous` is the kid of the root before; empty for the first. */
export interface RootStatement {
  readonly number: number;
  readonly root: PublicKey;
  readonly coalition: string;
  readonly previous: string;
  readonly issuedS: number;
}

export interface AgencyCertificate {
  readonly agencyId: string;
  readonly name: string;
  readonly agencyKey: PublicKey;
  readonly issuedS: number;
  readonly expiresS: number;
}

/** With the skew allowed for. */
export function isExpired(expiresS: number, nowS: number): boolean {
  return nowS >= expiresS + SKEW_S;
}

function takeRoot(jws: string): Statement {
  return take(
      jws, ROOT_TYPE, MAX_SHORT_BYTES,
      ['v', 'number', 'root_jwk', 'coalition', 'previous', 'iat']);
}

async function readRoot(payload: JsonObject, nowS: number): Promise<RootStatement> {
  const number = numberOf(payload, 'number');
  const root = await keyOf(payload, 'root_jwk', 'signing');
  const coalition = nameOf(payload, 'coalition');
  const previous = textOf(STATEMENT_INVALID, payload, 'previous');
  const issuedS = issuedOf(payload, nowS);
  if (number === 1 ? previous !== '' : !isHash(previous)) refuse(STATEMENT_INVALID, 'previous');
  return {number, root, coalition, previous, issuedS};
}

/** A first root, signed by itself: whether it is the right one, its fingerprint tells. */
export async function parseFirstRoot(jws: string, nowS: number): Promise<RootStatement> {
  const statement = takeRoot(jws);
  const root = await readRoot(statement.payload, nowS);
  if (root.number !== 1) refuse(STATEMENT_INVALID, 'number');
  await checkSignature(statement, root.root);
  return root;
}

/** A later root, signed by the one before. */
export async function parseNextRoot(
    jws: string, before: PublicKey, nowS: number): Promise<RootStatement> {
  const statement = takeRoot(jws);
  await checkSignature(statement, before);
  const root = await readRoot(statement.payload, nowS);
  if (root.number === 1) refuse(STATEMENT_INVALID, 'number');
  if (root.previous !== before.kid) refuse(STATEMENT_INVALID, 'previous');
  if (root.root.kid === before.kid) refuse(STATEMENT_INVALID, 'root_jwk');
  return root;
}

/** What a root statement says, its signature not checked: to find one's own among many. */
export async function peekRoot(jws: string, nowS: number): Promise<RootStatement> {
  return readRoot(takeRoot(jws).payload, nowS);
}

/** `signer`: the first root itself, or the root before. */
export async function signRoot(root: RootStatement, signer: PrivateKey): Promise<string> {
  const payload = {
    v: 1, number: root.number, root_jwk: toJwkObject(root.root), coalition: root.coalition,
    previous: root.previous, iat: root.issuedS,
  };
  const jws = await sign(ROOT_TYPE, payload, signer, MAX_SHORT_BYTES);
  // What would not be read is not signed.
  if (root.number === 1) {
    await parseFirstRoot(jws, root.issuedS);
  } else {
    await parseNextRoot(jws, signer.publicKey, root.issuedS);
  }
  return jws;
}

/** Not whether it has expired: see isExpired. */
export async function parseCertificate(
    jws: string, root: PublicKey, nowS: number): Promise<AgencyCertificate> {
  const statement = take(
      jws, CERTIFICATE_TYPE, MAX_SHORT_BYTES,
      ['v', 'agency_id', 'name', 'agency_jwk', 'iat', 'exp']);
  await checkSignature(statement, root);
  const {payload} = statement;
  const agencyId = uuidOf(payload, 'agency_id');
  const name = nameOf(payload, 'name');
  const agencyKey = await keyOf(payload, 'agency_jwk', 'signing');
  const issuedS = issuedOf(payload, nowS);
  const expiresS = expiresOf(payload, issuedS);
  // The root says who an agency is; it is never one.
  if (agencyKey.kid === root.kid) refuse(STATEMENT_INVALID, 'agency_jwk');
  return {agencyId, name, agencyKey, issuedS, expiresS};
}

export async function signCertificate(
    certificate: AgencyCertificate, root: PrivateKey): Promise<string> {
  const payload = {
    v: 1, agency_id: certificate.agencyId, name: certificate.name,
    agency_jwk: toJwkObject(certificate.agencyKey), iat: certificate.issuedS,
    exp: certificate.expiresS,
  };
  const jws = await sign(CERTIFICATE_TYPE, payload, root, MAX_SHORT_BYTES);
  await parseCertificate(jws, root.publicKey, certificate.issuedS);
  return jws;
}
