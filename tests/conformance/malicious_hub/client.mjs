// The web app's library as a client of the hub that is under attack. client.cc does the same with
// the C++ side: the same input, the same output.
//
// An exchange is {now_s, steps}. The client takes each step with what it has come to believe so far
// and stops at the first refusal. Out comes {outcome, step, learned}: "ok" or "REASON:detail", at
// which step, and what each step taught (the root, an epoch's key, a plaintext).

/** `lib`: the library, or one that was spoilt on purpose. */
export function clientOf(lib) {
  return async (exchange) => {
    const state = {pins: new Map(), lists: new Map(), learned: [], nowS: exchange.now_s};
    for (const [step, each] of exchange.steps.entries()) {
      try {
        state.learned.push(await TAKE[each.step](lib, state, each));
      } catch (refusal) {
        if (!(refusal instanceof lib.Refusal)) throw refusal;
        return {outcome: refusal.message, step, learned: state.learned};
      }
    }
    return {outcome: 'ok', step: exchange.steps.length, learned: state.learned};
  };
}

// What a packet must agree with. Sealed anew: it stands in the place of an earlier key of ours.
async function expectedOf(lib, state, packet, step) {
  const envelope = await lib.parseEnvelope(packet, 'delivered');
  const senderKey = lib.senderKey(
      state.lists.get(step.agency_id), envelope.header.senderKid, step.sent_s);
  const sealedToKid = step.sealed_anew === true ?
      await lib.placeSealedAnew(packet, state.lists.get(step.own_agency_id)) :
      undefined;
  return {
    referralId: step.referral_id, releaseHash: step.release_hash, senderAgencyId: step.agency_id,
    senderKey, nowS: state.nowS, sealedToKid,
  };
}

const TAKE = {
  // First use: a person has compared the fingerprint of what comes out.
  async read_roots(lib, state, {statements}) {
    state.root = await lib.readRoots(statements, state.nowS);
    return lib.fingerprint(state.root.root.kid);
  },

  async follow_roots(lib, state, {statements}) {
    state.root = await lib.followRoots(state.root, statements, state.nowS);
    return lib.fingerprint(state.root.root.kid);
  },

  async judge(lib, state, step) {
    const {agency_id: agencyId, key_list: keyList, certificate, accepted, name} = step;
    const others = [...state.pins].filter(([id]) => id !== agencyId);
    const known = {
      agencyId, acceptedAgencyKid: accepted, expectedName: name,
      kidsOfOthers: new Set(others.flatMap(([, {kids}]) => kids)),
    };
    if (state.root !== undefined) known.root = state.root;
    if (state.pins.has(agencyId)) known.agency = state.pins.get(agencyId);
    const {pin, list} = await lib.judge(known, {keyList, certificate}, state.nowS);
    state.pins.set(agencyId, pin);
    state.lists.set(agencyId, list);
    return `${pin.name} ${pin.version} ${pin.epoch} ${pin.epochKid}`;
  },

  async unwrap(lib, state, {agency_id: agencyId, wrap, device_key: deviceKey}) {
    const device = await lib.parsePrivateJwk(JSON.stringify(deviceKey));
    state.keys = await lib.unwrapKeys(wrap, device, state.lists.get(agencyId));
    return state.keys.epochKey.publicKey.kid;
  },

  // The keys have changed: the list that the hub shows now is judged, and the packet sealed anew to
  // the epoch that it names.
  async reseal(lib, state, step) {
    await TAKE.judge(lib, state, step);
    const next = state.lists.get(step.agency_id).epochKey;
    const expected = await expectedOf(lib, state, step.packet, step.open);
    const share = await lib.reseal(step.packet, state.keys.epochKey, expected, next);
    return JSON.parse(share).header.kid;
  },

  async open(lib, state, step) {
    const expected = await expectedOf(lib, state, step.packet, step);
    const opened = await lib.open(step.packet, state.keys.epochKey, expected);
    return Buffer.from(opened.plaintext).toString('base64url');
  },
};
