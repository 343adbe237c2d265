// Packets: sealed and opened in this page. The hub is handed ciphertext, and what comes from it is
// believed only so far as the library has checked it.
import {
  open, parseEnvelope, placeSealedAnew, type PrivateKey, Refusal, releaseHash, seal,
} from 'fairlead-lib';

import {call} from './api';
import type {Keyring, Recipient} from './keys';
import type {OpenPacketResponseJson, ReferralJson, ReleaseJson} from './types';

/** By data category; each holds what the sender wrote, as the command line's packet file has it. */
export type PacketContent = Record<string, Record<string, unknown>>;

const seconds = (time: string | undefined) => Math.floor(Date.parse(time ?? '') / 1000);

/**
 * The hash of the release as it is shown here. Refused with RELEASE_HASH_MISMATCH when it is not
 * what the hub calls the release's own: then what a person reads is not what is sealed under.
 */
export async function checkedReleaseHash(release: ReleaseJson): Promise<string> {
  const hash = await releaseHash({
    id: release.id ?? '',
    formVersion: release.formVersion ?? '',
    formHash: release.formHash ?? '',
    jurisdiction: release.jurisdiction ?? '',
    caseHandle: release.caseHandle ?? '',
    discloserAgencyId: release.discloserAgencyId ?? '',
    recipientAgencyIds: release.recipientAgencyIds ?? [],
    hubNamedAsIntermediary: release.hubNamedAsIntermediary ?? false,
    categories: release.categories ?? [],
    excludedCategories: release.excludedCategories ?? [],
    purposes: release.purposes ?? [],
    action: release.action === 'RELEASE_ACTION_ONCE' ? 1 : 2,
    twoWay: release.twoWay ?? false,
    effectiveMs: Date.parse(release.effectiveTime ?? ''),
    expireMs: Date.parse(release.expireTime ?? ''),
  });
  if (hash !== release.releaseHash) throw new Refusal('RELEASE_HASH_MISMATCH');
  return hash;
}

// As gateway/cli/packet.cc: what the client has not allowed is not even sealed.
function checkAgainstRelease(
    release: ReleaseJson, recipientId: string, purpose: string, categories: string[]): void {
  if (release.state !== 'RELEASE_STATE_ACTIVE') throw new Refusal('RELEASE_NOT_SIGNED');
  if (Date.parse(release.expireTime ?? '') <= Date.now()) throw new Refusal('RELEASE_EXPIRED');
  if (!release.recipientAgencyIds?.includes(recipientId)) {
    throw new Refusal('RELEASE_RECIPIENT_MISMATCH');
  }
  if (!release.purposes?.includes(purpose)) throw new Refusal('RELEASE_PURPOSE_MISMATCH');
  const allowed = (release.categories ?? [])
    .filter((each) => !release.excludedCategories?.includes(each));
  if (categories.length === 0 || !categories.every((each) => allowed.includes(each))) {
    throw new Refusal('PACKET_CATEGORY_OUTSIDE_RELEASE');
  }
}

/** Sealed to the recipient and to our own agency, under the release. */
export async function sealPacket(
    keyring: Keyring, release: ReleaseJson, recipient: Recipient,
    referralId: string, purpose: string, content: PacketContent): Promise<string> {
  const categories = Object.keys(content).sort();
  checkAgainstRelease(release, recipient.agencyId, purpose, categories);
  const own = await keyring.ownKeys();
  return seal(
      {
        header: {
          referralId, senderAgencyId: keyring.agencyId,
          releaseHash: await checkedReleaseHash(release), purpose, categories,
          expiresS: seconds(release.expireTime),
        },
        plaintext: new TextEncoder().encode(JSON.stringify(content)),
        recipients: [recipient.key, own.epochKey.publicKey],
      },
      own.signingKey);
}

export interface OpenedPacket {
  readonly content: PacketContent;
  readonly referral: ReferralJson;
  readonly redisclosureStatement: string;
  readonly firstUse: string;  // the sender's fingerprint where its keys are new here; or empty
}

async function keyFor(
    keyring: Keyring, packet: string, kids: readonly string[], resealedToKid: string):
    Promise<{key: PrivateKey; sealedToKid?: string}> {
  if (resealedToKid !== '') {
    return {
      key: await keyring.ownKey(resealedToKid),
      sealedToKid: await placeSealedAnew(packet, await keyring.ownList()),
    };
  }
  for (const kid of kids) {
    const key = await keyring.findOwnKey(kid);
    if (key !== undefined) return {key};
  }
  throw new Refusal('KEY_MISSING');
}

function contentOf(plaintext: Uint8Array): PacketContent {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(plaintext));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('INVALID_PACKET', 'content');
  }
  return Object.fromEntries(Object.entries(value).map(([category, held]) =>
    [category, typeof held === 'object' && held !== null ? held : {text: held}]));
}

/** Asks for the packet (which the hub records as an opening) and opens it here. */
export async function openPacket(keyring: Keyring, referralId: string): Promise<OpenedPacket> {
  await keyring.ownKeys();  // without them the opening would be on record for nothing
  const answer = await call<OpenPacketResponseJson>(
      'referral.v1.ReferralService/OpenPacket', {referralId});
  const {packet = '', referral = {}, redisclosureStatement = '', resealedToKid = ''} = answer;
  if (referral.id !== referralId) throw new Refusal('REFERRAL_MISMATCH');
  const envelope = await parseEnvelope(packet, 'delivered');
  const kids = envelope.recipients.map((each) => each.kid);
  const {key, sealedToKid} = await keyFor(keyring, packet, kids, resealedToKid);
  const senderAgencyId = referral.senderAgencyId ?? '';
  const {senderKid} = envelope.header;
  const sender = senderAgencyId === keyring.agencyId ?
      {key: (await keyring.ownKey(senderKid)).publicKey, firstUse: ''} :
      await keyring.senderKey(senderAgencyId, senderKid, seconds(referral.createTime));
  const {plaintext} = await open(packet, key, {
    referralId, releaseHash: referral.releaseHash ?? '', senderAgencyId, senderKey: sender.key,
    nowS: Math.floor(Date.now() / 1000), sealedToKid,
  });
  return {
    content: contentOf(plaintext), referral, redisclosureStatement, firstUse: sender.firstUse,
  };
}
