// The keys of this browser: its device, the agency's keys that a colleague has wrapped to it, and
// what is believed of other agencies' keys. As gateway/cli/agency_keys.cc and own_keys.cc do it;
// the verdicts are the library's (docs/decisions/0008-keys.md).
import {
  type AgencyPin, type EpochKeys, fingerprint, followRoots, generateKey, judge, type KeyList,
  type Known, type PrivateKey, type PublicKey, readRoots, Refusal, type RootPin, senderKey, toJwk,
  unwrapKeys, type Verdict,
} from 'fairlead-lib';

import {allPages, call, HubError, newId} from './api';
import type {Store} from './store';
import type {
  DeviceJson, GetCoalitionRootResponseJson, GetKeyListResponseJson, KeyWrapJson,
  ListDevicesResponseJson, ListKeyWrapsResponseJson, RegisterDeviceResponseJson,
} from './types';

const KEYS = 'identity.v1.KeyService/';
const nowS = () => Math.floor(Date.now() / 1000);

/** What is remembered of an agency; `sealedTo`: a person has compared its fingerprint. */
interface Pin {
  keys: AgencyPin;
  sealedTo: boolean;
}

export type DeviceState =
    | {step: 'none'}                                        // no key in this browser yet
    | {step: 'waiting'; id: string; fingerprint: string}    // nobody has confirmed it
    | {step: 'offered'; offer: Offer; fingerprint: string}  // keys lie there; a person compares
    | {step: 'ready'; fingerprint: string};

/** The agency's keys, wrapped to this device; taken once a person has compared whose they are. */
export interface Offer {
  readonly verdict: Verdict;
  readonly epochs: readonly EpochKeys[];
  readonly agencyFingerprint: string;
  readonly root: RootPin | undefined;
  readonly rootFingerprint: string;  // of a root that is new here; empty: none, or known already
}

/** To whom a packet may be sealed, once `confirmed` or compared now. */
export interface Recipient {
  readonly agencyId: string;
  readonly key: PublicKey;
  readonly fingerprint: string;
  readonly confirmed: boolean;
  readonly pin: AgencyPin;
}

export class Keyring {
  constructor(
      readonly store: Store, readonly agencyId: string, readonly staffId: string) {}

  // ---- this device

  async registerDevice(): Promise<void> {
    const key = await generateKey('epoch');
    await this.store.put('device', key);  // before anybody hears of it
    await call<RegisterDeviceResponseJson>(
        `${KEYS}RegisterDevice`, {requestId: newId(), deviceJwk: toJwk(key.publicKey)});
  }

  private async deviceRecord(key: PrivateKey): Promise<DeviceJson | undefined> {
    const jwk = toJwk(key.publicKey);
    const all = await allPages<ListDevicesResponseJson, DeviceJson>(
        `${KEYS}ListDevices`, {}, (answer) => answer.devices);
    return all.find((each) => each.deviceJwk === jwk && each.removeTime === undefined);
  }

  /** Where this browser stands; takes the keys of a later epoch by itself. */
  async state(): Promise<DeviceState> {
    const device = await this.store.get<PrivateKey>('device');
    if (device === undefined) return {step: 'none'};
    const shown = fingerprint(device.publicKey.kid);
    const record = await this.deviceRecord(device);
    if (record === undefined) return {step: 'none'};  // removed: it needs a new key
    if (record.confirmTime === undefined) {
      return {step: 'waiting', id: record.id ?? '', fingerprint: shown};
    }
    const own = await this.judge(this.agencyId);
    const current = await this.store.get<PrivateKey>(`key:${own.list.epochKey.kid}`);
    if (current !== undefined && (await this.pin(this.agencyId))?.sealedTo) {
      await this.savePin(this.agencyId, {keys: own.pin, sealedTo: true});
      return {step: 'ready', fingerprint: shown};
    }
    const offer = await this.offer(device, record.id ?? '', own);
    if ((await this.pin(this.agencyId))?.sealedTo) {
      await this.take(offer);  // of the agency key that a person has compared before
      return {step: 'ready', fingerprint: shown};
    }
    return {step: 'offered', offer, fingerprint: shown};
  }

  private async offer(device: PrivateKey, deviceId: string, verdict: Verdict): Promise<Offer> {
    const wraps = await allPages<ListKeyWrapsResponseJson, KeyWrapJson>(
        `${KEYS}ListKeyWraps`, {deviceId}, (answer) => answer.wraps);
    const epochs: EpochKeys[] = [];
    for (const wrap of wraps) epochs.push(await unwrapKeys(wrap.jwe ?? '', device, verdict.list));
    if (!epochs.some((each) => each.epoch === verdict.list.epoch)) {
      throw new Refusal('WRAP_MISSING');
    }
    const pinned = await this.store.get<RootPin>('root');
    const root = pinned ?? await this.offeredRoot();
    return {
      verdict, epochs, root,
      agencyFingerprint: fingerprint(verdict.list.agencyKey.kid),
      rootFingerprint: pinned === undefined && root !== undefined ? fingerprint(root.root.kid) : '',
    };
  }

  async take(offer: Offer): Promise<void> {
    for (const {epochKey, signingKey} of offer.epochs) {
      await this.store.put(`key:${epochKey.publicKey.kid}`, epochKey);
      await this.store.put(`key:${signingKey.publicKey.kid}`, signingKey);
    }
    if (offer.root !== undefined) await this.store.put('root', offer.root);
    await this.savePin(this.agencyId, {keys: offer.verdict.pin, sealedTo: true});
  }

  // ---- what is believed

  private async pin(agencyId: string): Promise<Pin | undefined> {
    return this.store.get<Pin>(`pin:${agencyId}`);
  }

  private async savePin(agencyId: string, pin: Pin): Promise<void> {
    await this.store.put(`pin:${agencyId}`, pin);
  }

  private async rootStatements(): Promise<readonly string[]> {
    try {
      const answer = await call<GetCoalitionRootResponseJson>(`${KEYS}GetCoalitionRoot`, {});
      return answer.statements ?? [];
    } catch (error) {
      if (error instanceof HubError && error.reason === 'NO_COALITION_ROOT') return [];
      throw error;
    }
  }

  private async offeredRoot(): Promise<RootPin | undefined> {
    const statements = await this.rootStatements();
    return statements.length === 0 ? undefined : readRoots(statements, nowS());
  }

  // The root that a person trusts here, or the one that it has signed since.
  private async root(): Promise<RootPin | undefined> {
    const pinned = await this.store.get<RootPin>('root');
    if (pinned === undefined) return undefined;
    const root = await followRoots(pinned, await this.rootStatements(), nowS());
    if (root.number !== pinned.number) await this.store.put('root', root);
    return root;
  }

  private async known(agencyId: string): Promise<Known> {
    const pins = await this.store.all<Pin>('pin:');
    const kidsOfOthers = new Set<string>();
    for (const [id, pin] of pins) {
      if (id !== agencyId) for (const kid of pin.keys.kids) kidsOfOthers.add(kid);
    }
    const [agency, root] = [pins.get(agencyId)?.keys, await this.root()];
    return {
      agencyId, kidsOfOthers, ...(agency === undefined ? {} : {agency}),
      ...(root === undefined ? {} : {root}),
    };
  }

  private async keyList(agencyId: string, known: Known): Promise<GetKeyListResponseJson> {
    try {
      return await call<GetKeyListResponseJson>(`${KEYS}GetKeyList`, {agencyId});
    } catch (error) {
      const version = known.agency?.version;
      const stopped = error instanceof HubError && error.reason === 'AGENCY_KEYS_STOPPED';
      if (!stopped || version === undefined) throw error;
      // Nothing new is sealed to it (the hub refuses); what it sent before can still be checked.
      return call<GetKeyListResponseJson>(`${KEYS}GetKeyList`, {agencyId, version});
    }
  }

  private async judge(agencyId: string): Promise<Verdict> {
    const known = await this.known(agencyId);
    const {keyList = '', certificate = ''} = await this.keyList(agencyId, known);
    return judge(known, {keyList, certificate}, nowS());
  }

  // ---- for sealing and opening

  /** The agency's current keys. Refused with KEY_MISSING when they are not here. */
  async ownKeys(): Promise<{epochKey: PrivateKey; signingKey: PrivateKey}> {
    const pin = await this.pin(this.agencyId);
    if (pin === undefined) throw new Refusal('KEY_MISSING');
    return {
      epochKey: await this.ownKey(pin.keys.epochKid),
      signingKey: await this.ownKey(pin.keys.signingKid),
    };
  }

  /** One of the agency's keys, of any epoch. */
  async ownKey(kid: string): Promise<PrivateKey> {
    const key = await this.findOwnKey(kid);
    if (key === undefined) throw new Refusal('KEY_MISSING');
    return key;
  }

  async findOwnKey(kid: string): Promise<PrivateKey | undefined> {
    return this.store.get<PrivateKey>(`key:${kid}`);
  }

  async ownList(): Promise<KeyList> {
    return (await this.judge(this.agencyId)).list;
  }

  async recipient(agencyId: string): Promise<Recipient> {
    const verdict = await this.judge(agencyId);
    const pin = await this.pin(agencyId);
    return {
      agencyId, key: verdict.list.epochKey, pin: verdict.pin,
      fingerprint: fingerprint(verdict.list.agencyKey.kid),
      confirmed: pin?.sealedTo === true || verdict.certified,
    };
  }

  /** A person has compared the fingerprint, or had before. */
  async confirm(recipient: Recipient): Promise<void> {
    await this.savePin(recipient.agencyId, {keys: recipient.pin, sealedTo: true});
  }

  /** The key with which a packet of theirs may be signed; remembered for reading. */
  async senderKey(agencyId: string, kid: string, sentS: number):
      Promise<{key: PublicKey; firstUse: string}> {
    const verdict = await this.judge(agencyId);
    const key = senderKey(verdict.list, kid, sentS);
    const sealedTo = (await this.pin(agencyId))?.sealedTo ?? false;
    await this.savePin(agencyId, {keys: verdict.pin, sealedTo});
    const isNew = verdict.firstUse && !verdict.certified;
    return {key, firstUse: isNew ? fingerprint(verdict.list.agencyKey.kid) : ''};
  }
}
