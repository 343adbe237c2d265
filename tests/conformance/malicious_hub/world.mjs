// An honest exchange, made anew with fresh keys each time, and the same with one thing changed.
//
// The exchange: a person at our agency has compared the root's fingerprint. Their program pins our
// agency and the sending agency at version 1, sees both move to version 2 (a new epoch each and our
// device confirmed in our list), unwraps our epoch's keys, and opens a packet. With `reseal` our
// list moves to version 3 after that, and the packet is first sealed anew to its epoch.
import {randomUUID} from 'node:crypto';

import {
  byKid, delivered, makePacket, makeStatement, makeWrap, newKey, pad, publicOf, sha256, statement,
} from './forge.mjs';

export const DAY_S = 24 * 3600;
export const PLAINTEXT = '{"needs":["shelter"]}';

/** Without `previous`: that is filled in from the list before, as it is sent. */
export function keyList(agency, version, nowS, change = {}) {
  return statement('fairlead-keys+jwt', {
    v: 1, agency_id: agency.id, agency_jwk: publicOf(agency.key), version, epoch: version,
    epoch_jwk: publicOf(agency.epochs[version - 1].epoch),
    signing_jwk: publicOf(agency.epochs[version - 1].signing),
    past: agency.epochs.slice(0, version - 1).map((each, i) => ({
      epoch: i + 1, epoch_kid: each.epoch.kid, signing_jwk: publicOf(each.signing),
      until: nowS - 3600 + i,
    })),
    devices: [], iat: nowS - 3600, exp: nowS + 300 * DAY_S, ...change,
  }, agency.key);
}

export function listed(device, staffId = randomUUID()) {
  return {kid: device.kid, device_jwk: publicOf(device), staff_id: staffId};
}

export function certificate(agency, root, nowS, change = {}) {
  return statement('fairlead-agency+jwt', {
    v: 1, agency_id: agency.id, name: agency.name, agency_jwk: publicOf(agency.key),
    iat: nowS - DAY_S, exp: nowS + 300 * DAY_S, ...change,
  }, root);
}

export function rootStatement(number, root, signer, nowS, change = {}) {
  return statement('fairlead-root+jwt', {
    v: 1, number, root_jwk: publicOf(root), coalition: 'Harbor coalition',
    previous: number === 1 ? '' : signer.kid, iat: nowS - 2 * DAY_S, ...change,
  }, signer);
}

function newAgency(name) {
  const epoch = () => ({epoch: newKey('epoch'), signing: newKey('signing')});
  return {
    id: randomUUID(), name, key: newKey('signing'), epochs: [epoch(), epoch(), epoch()],
    typed: [name, name],  // by which name a person means it, at first and later
  };
}

/** Everybody's keys and everything that an honest hub would hand out, before it is made. */
export function newWorld() {
  const nowS = Math.floor(Date.now() / 1000);
  const root = newKey('signing');
  const [us, them, other] = ['Our agency', 'Sending agency', 'Another agency'].map(newAgency);
  const [device, colleague] = [newKey('epoch'), newKey('epoch')];
  const world = {
    nowS, root, us, them, other, device, colleague,
    // What the hub has of its own.
    hub: {root: newKey('signing'), key: newKey('signing'), ...newAgency('Hub').epochs[0]},
    firstRoots: [rootStatement(1, root, root, nowS)],
    laterRoots: [rootStatement(1, root, root, nowS)],
    withoutRoot: false,  // a program that has no root, and pins at first use
    reseal: false,       // the last of our lists is shown when the packet is to be sealed anew
    accepted: '',        // what a person has just accepted as the sending agency's key
  };
  for (const agency of [us, them, other]) {
    const devices = (...all) => all.sort(byKid).map((each) => listed(each));
    agency.certificates = [certificate(agency, root, nowS), certificate(agency, root, nowS)];
    agency.lists = [
      keyList(agency, 1, nowS),
      keyList(agency, 2, nowS,
              {devices: agency === us ? devices(device, colleague) : devices(newKey('epoch'))}),
    ];
  }
  world.wrap = {
    protected: {
      typ: 'fairlead-wrap+jwe', v: 1, enc: 'A256GCM', agency_id: us.id, epoch: 2,
      device_kid: device.kid, version: 2,
    },
    keys: {epoch_jwk: us.epochs[1].epoch, signing_jwk: us.epochs[1].signing},
    device,
  };
  world.packet = newPacket(world);
  world.open = {
    agency_id: them.id, sent_s: nowS, referral_id: world.packet.protected.referral_id,
    release_hash: world.packet.protected.release_hash,
  };
  return world;
}

/** A packet from the sending agency to ours. */
export function newPacket({us, them, nowS}) {
  const {signing} = them.epochs[1];
  return {
    protected: {
      typ: 'fairlead-seal+jwe', v: 1, enc: 'A256GCM', cty: 'JOSE', referral_id: randomUUID(),
      sender_agency_id: them.id, sender_kid: signing.kid, release_hash: sha256('the release'),
      purpose: 'referral', categories: ['identity', 'needs'], exp: nowS + DAY_S,
    },
    recipients: [us.epochs[1].epoch, them.epochs[1].epoch].sort(byKid),
    signed: {alg: 'ES256', typ: 'fairlead-seal+jws', kid: signing.kid, cty: 'application/json'},
    payload: pad(PLAINTEXT),
    signer: signing,
  };
}

// ---- from the world to what a client is shown

function makeLists(lists) {
  const made = [];
  for (const list of lists) {
    // The hash of the list before, or of the one that `follows` points at.
    const before = made[list.follows ?? made.length - 1];
    const previous = before === undefined ? '' : sha256(before);
    made.push(makeStatement({...list, payload: {previous, ...list.payload}}));
  }
  return made;
}

/** Steps of a client, in JSON. client.cc and client.mjs say what each does. */
export function render(world) {
  const {us, them} = world;
  const steps = [];
  if (!world.withoutRoot) {
    steps.push({step: 'read_roots', statements: world.firstRoots.map(makeStatement)});
  }
  const lists = new Map([us, them].map((agency) => [agency, makeLists(agency.lists)]));
  const judge = (agency, i) => {
    const each = agency.certificates[Math.min(i, agency.certificates.length - 1)];
    steps.push({
      step: 'judge',
      agency_id: agency.id,
      key_list: lists.get(agency)[i],
      certificate: each === null ? '' : makeStatement(each),
      accepted: i > 0 && agency === them ? world.accepted : '',
      name: agency.typed[Math.min(i, 1)],
    });
  };
  judge(us, 0);
  judge(them, 0);
  if (!world.withoutRoot) {
    steps.push({step: 'follow_roots', statements: world.laterRoots.map(makeStatement)});
  }
  for (let i = 1; i < them.lists.length; ++i) judge(them, i);
  const judged = us.lists.length - (world.reseal ? 1 : 0);
  for (let i = 1; i < judged; ++i) judge(us, i);
  const {d: _, ...publicDevice} = world.device;
  steps.push({
    step: 'unwrap', agency_id: us.id, wrap: makeWrap(world.wrap),
    device_key: {...publicDevice, d: world.device.d},
  });
  const place = us.epochs[world.open.sealed_anew ? 0 : 1].epoch.kid;
  const made = delivered(makePacket(world.packet), place);
  const text = (world.packet.text ?? ((same) => same))(JSON.stringify(made));
  if (world.reseal) {
    judge(us, judged);
    steps.push({...steps.pop(), step: 'reseal', packet: text, open: {...world.open}});
  }
  steps.push({step: 'open', packet: text, ...world.open});
  return {now_s: world.nowS, steps};
}

/**
 * The honest exchange and the one that was changed, from the same keys. `setting` makes the honest
 * world another one where the attack needs it.
 */
export function exchanges({setting, change}) {
  const world = newWorld();
  setting?.(world);
  const attacked = structuredClone(world);
  const after = change(attacked);
  const attack = render(attacked);
  if (typeof after === 'function') after(attack, render(world));
  return {control: render(world), attack};
}

/** The step of this kind, the last if there are several. */
export function stepOf(exchange, kind) {
  return exchange.steps.filter((each) => each.step === kind).at(-1);
}
