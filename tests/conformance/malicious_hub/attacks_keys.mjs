// Attacks on key lists.
import {createHmac} from 'node:crypto';

import {b64u, byKid, newKey, publicOf, sha256} from './forge.mjs';
import {DAY_S, listed} from './world.mjs';

const attacks = [];

// ---- key lists: the sending agency's second list, which ours is about to believe

function keyList(name, expect, change, setting) {
  attacks.push({area: 'key list', name: `key list: ${name}`, expect, setting,
                change: (w) => change(w.them.lists[1], w)});
}
const invalid = (name, check, change, setting) =>
    keyList(name, `KEY_LIST_INVALID:${check}`, change, setting);
/** The payload is changed, the signature stays that of the honest list. */
const unsigned = (name, change) => invalid(name, 'signature', (list, w) => {
  list.encoded = (jws) => {
    const [header, body, signature] = jws.split('.');
    const payload = JSON.parse(Buffer.from(body, 'base64url'));
    change(payload, w);
    return [header, b64u(JSON.stringify(payload)), signature].join('.');
  };
});
function signedBy(list, key) {
  list.signer = key;
  list.header.kid = key.kid;
}
function withoutRoot(w) {
  w.withoutRoot = true;
}

unsigned('epoch key substituted', (payload, w) => void (payload.epoch_jwk = publicOf(w.hub.epoch)));
unsigned('signing key substituted',
         (payload, w) => void (payload.signing_jwk = publicOf(w.hub.signing)));
unsigned('unconfirmed device added',
         (payload, w) => void (payload.devices = [...payload.devices, listed(w.hub.epoch)]
                                                     .sort(byKid)));
unsigned('device dropped', (payload) => void payload.devices.pop());
unsigned('past signing key substituted',
         (payload, w) => void (payload.past[0].signing_jwk = publicOf(w.hub.signing)));
unsigned('time given to a past key', (payload) => void (payload.past[0].until += DAY_S));
unsigned('expiry moved', (payload) => void (payload.exp += DAY_S));
unsigned('previous hash swapped', (payload) => void (payload.previous = sha256('another list')));

keyList('signed by the hub\'s own agency key', 'AGENCY_KEY_UNCERTIFIED', (list, w) => {
  signedBy(list, w.hub.key);
  list.payload.agency_jwk = publicOf(w.hub.key);
});
keyList('signed by another agency of the coalition', 'AGENCY_KEY_UNCERTIFIED', (list, w) => {
  signedBy(list, w.other.key);
  list.payload.agency_jwk = publicOf(w.other.key);
});
keyList('signed by the epoch\'s signing key', 'AGENCY_KEY_UNCERTIFIED', (list, w) => {
  const {signing} = w.them.epochs[0];
  signedBy(list, signing);
  list.payload.agency_jwk = publicOf(signing);
  list.payload.past[0].signing_jwk = publicOf(w.them.epochs[2].signing);
});
invalid('signed by the signing key that it names', 'signing_jwk', (list, w) => {
  const {signing} = w.them.epochs[1];
  signedBy(list, signing);
  list.payload.agency_jwk = publicOf(signing);
});
keyList('signed by the root, which is no agency', 'AGENCY_KEY_UNCERTIFIED', (list, w) => {
  signedBy(list, w.root);
  list.payload.agency_jwk = publicOf(w.root);
});
invalid('signed by the hub, naming itself beside the agency', 'kid',
        (list, w) => signedBy(list, w.hub.key));
invalid('signed by the hub under the agency\'s name', 'signature',
        (list, w) => void (list.signer = w.hub.key));
invalid('alg none and no signature', 'alg', (list) => {
  list.header.alg = 'none';
  list.encoded = (jws) => jws.slice(0, jws.lastIndexOf('.') + 1);
});
invalid('HS256 with the agency\'s public key as the secret', 'alg', (list, w) => {
  list.header.alg = 'HS256';
  list.encoded = (jws) => {
    const input = jws.slice(0, jws.lastIndexOf('.'));
    return `${input}.${createHmac('sha256', w.them.key.x).update(input).digest('base64url')}`;
  };
});
invalid('the key to check with inside: jwk', 'forbidden_member',
        (list, w) => void (list.header.jwk = publicOf(w.hub.key)));
invalid('a certificate\'s typ', 'typ', (list) => void (list.header.typ = 'fairlead-agency+jwt'));
invalid('the certificate in its place', 'typ',
        (_, w) => void (w.them.lists[1] = w.them.certificates[1]));
invalid('of another agency', 'agency_id', (_, w) => void (w.them.lists[1] = w.other.lists[1]));
invalid('of ours, for another agency\'s', 'agency_id',
        (_, w) => void (w.them.lists[1] = {...w.us.lists[0],
                                           payload: {...w.us.lists[0].payload, previous: ''}}));

keyList('another agency key, and no root to ask', 'AGENCY_KEY_CHANGED', (list, w) => {
  signedBy(list, w.hub.key);
  list.payload.agency_jwk = publicOf(w.hub.key);
}, withoutRoot);
keyList('another agency key than the one that a person accepted', 'AGENCY_KEY_CHANGED',
        (list, w) => {
          signedBy(list, w.hub.key);
          list.payload.agency_jwk = publicOf(w.hub.key);
        },
        (w) => {  // honest: the agency has a new key, and a person has accepted it
          withoutRoot(w);
          const key = newKey('signing');
          w.accepted = key.kid;
          signedBy(w.them.lists[1], key);
          w.them.lists[1].payload.agency_jwk = publicOf(key);
        });

// ---- history

keyList('stale: the one before', 'KEY_LIST_ROLLBACK', (_, w) => {
  w.them.lists.push({...w.them.lists[0], payload: {...w.them.lists[0].payload, previous: ''}});
});
keyList('forked: another of the same version', 'KEY_LIST_FORKED', (list, w) => {
  const {previous: _, ...payload} = list.payload;
  const fork = {...payload, previous: sha256('the same one'), devices: []};
  w.them.lists.push({...list, payload: fork});
});
keyList('forked: the next of another history', 'KEY_LIST_FORKED',
        ({payload}) => void (payload.previous = sha256('a list that this reader never saw')));
keyList('previous hash skipped: that of two before', 'KEY_LIST_FORKED', (_, w) => {
  const next = structuredClone(w.them.lists[1]);
  next.payload.version = 3;
  next.follows = 0;
  w.them.lists.push(next);
});
invalid('previous hash left out', 'previous', (list) => void (list.payload.previous = ''));
/** A third list after the two honest ones, signed with the agency's key by a thief of it. */
const third = (name, expect, change) => keyList(name, expect, (list, w) => {
  const next = structuredClone(list);
  next.payload.version = 3;
  change(next.payload, w);
  w.them.lists.push(next);
});
third('replayed epoch', 'EPOCH_ROLLBACK', (payload, w) => {
  const {epoch, signing} = w.them.epochs[0];
  Object.assign(payload, {
    epoch: 1, epoch_jwk: publicOf(epoch), signing_jwk: publicOf(signing), past: [],
  });
});
third('another epoch key for an epoch that is known', 'EPOCH_KEYS_CHANGED',
      (payload, w) => void (payload.epoch_jwk = publicOf(w.hub.epoch)));
third('another signing key for an epoch that is known', 'EPOCH_KEYS_CHANGED',
      (payload, w) => void (payload.signing_jwk = publicOf(w.hub.signing)));
function nextEpoch(payload, w, change) {
  const [, known, next] = w.them.epochs;
  const past = {
    epoch: 2, epoch_kid: known.epoch.kid, signing_jwk: publicOf(known.signing), until: w.nowS,
    ...change,
  };
  Object.assign(payload, {
    epoch: 3, epoch_jwk: publicOf(next.epoch), signing_jwk: publicOf(next.signing),
    past: [...payload.past, past],
  });
}
third('a known epoch rewritten in the past: its epoch key', 'EPOCH_KEYS_CHANGED',
      (payload, w) => nextEpoch(payload, w, {epoch_kid: w.hub.epoch.kid}));
third('a known epoch rewritten in the past: its signing key', 'EPOCH_KEYS_CHANGED',
      (payload, w) => nextEpoch(payload, w, {signing_jwk: publicOf(w.hub.signing)}));
third('an epoch left out', 'KEY_LIST_INVALID:past', (payload, w) => {
  nextEpoch(payload, w, {});
  payload.past.shift();
});
third('an old key brought back', 'KEY_LIST_INVALID:past', (payload, w) => {
  nextEpoch(payload, w, {});
  payload.epoch_jwk = publicOf(w.them.epochs[0].epoch);
});

// ---- whose they are

keyList('of an agency that the hub names, and the root names otherwise', 'AGENCY_NAME_MISMATCH',
        (_, w) => void (w.them.typed = [w.other.name, w.other.name]));
keyList('of an agency that is known by another name, and no root to ask', 'AGENCY_NAME_MISMATCH',
        (_, w) => void (w.them.typed[1] = w.other.name), withoutRoot);
keyList('another agency\'s signing key as its own', 'KEY_OF_ANOTHER_AGENCY',
        ({payload}, w) => void (payload.signing_jwk = publicOf(w.us.epochs[0].signing)));
keyList('another agency\'s epoch key as its own', 'KEY_OF_ANOTHER_AGENCY',
        ({payload}, w) => void (payload.epoch_jwk = publicOf(w.us.epochs[0].epoch)));

// ---- time

keyList('expired', 'KEY_LIST_EXPIRED', ({payload}, w) => void (payload.exp = w.nowS - 301));
invalid('of tomorrow', 'iat', ({payload}) => void (payload.iat += DAY_S));
invalid('for ten years', 'exp', ({payload}) => void (payload.exp += 3650 * DAY_S));
invalid('a past that ended before it began', 'until', ({payload}, w) => {
  const [first] = payload.past;
  Object.assign(payload, {version: 3, epoch: 3});
  payload.past = [first, {...first, epoch: 2, epoch_kid: sha256('x'), until: first.until - 1,
                          signing_jwk: publicOf(w.them.epochs[2].signing)}];
});

// ---- form

for (const [name, check, change] of [
  ['version 0', 'version', {version: 0}],
  ['version 1.5', 'version', {version: 1.5}],
  ['a version in words', 'version', {version: '2'}],
  ['more epochs than versions', 'epoch', {epoch: 3}],
  ['a version of the form that is to come', 'v', {v: 2}],
  ['no past', 'past', {past: []}],
  ['devices that are no list', 'devices', {devices: {}}],
  ['a member nobody knows', 'unknown_member', {note: 'x'}],
  ['a member missing', 'missing_member', {exp: undefined}],
]) {
  invalid(name, check, ({payload}) => void Object.assign(payload, change));
}
invalid('an epoch key that signs', 'epoch_jwk',
        ({payload}, w) => void (payload.epoch_jwk = publicOf(w.hub.signing)));
invalid('an epoch key with its private half', 'epoch_jwk',
        ({payload}, w) => void (payload.epoch_jwk = w.them.epochs[1].epoch));
invalid('an epoch key off the curve', 'epoch_jwk', ({payload}) => {
  const {kid, ...jwk} = payload.epoch_jwk;
  payload.epoch_jwk = {...jwk, y: jwk.x};
});
invalid('an epoch key under another\'s kid', 'epoch_jwk',
        ({payload}, w) => void (payload.epoch_jwk.kid = w.hub.epoch.kid));
invalid('an epoch key for another algorithm', 'epoch_jwk',
        ({payload}) => void (payload.epoch_jwk.alg = 'ECDH-ES'));
for (const [name, change] of [
  ['of another kind', {kty: 'OKP'}], ['on another curve', {crv: 'P-384'}],
  ['for another use than its algorithm\'s', {use: 'sig'}],
  ['with a member nobody knows', {x5u: ''}],
]) {
  invalid(`an epoch key ${name}`, 'epoch_jwk',
          ({payload}) => void Object.assign(payload.epoch_jwk, change));
}
invalid('an epoch key that is text', 'epoch_jwk',
        ({payload}) => void (payload.epoch_jwk = JSON.stringify(payload.epoch_jwk)));
invalid('a past that is nothing', 'past', ({payload}) => void (payload.past = [null]));
invalid('a past with a member missing', 'missing_member',
        ({payload}) => void delete payload.past[0].until);
invalid('a past epoch under another number', 'past',
        ({payload}) => void (payload.past[0].epoch = 2));
invalid('a past epoch key that is no thumbprint', 'epoch_kid',
        ({payload}) => void (payload.past[0].epoch_kid = 'x'));
invalid('a device that is nothing', 'devices', ({payload}) => void (payload.devices = [null]));
invalid('a device with a member nobody knows', 'unknown_member',
        ({payload}) => void (payload.devices[0].note = 'x'));
invalid('a device twice', 'devices',
        ({payload}) => void (payload.devices = [payload.devices[0], payload.devices[0]]));
invalid('devices out of order', 'devices', ({payload}) => {
  const devices = [newKey('epoch'), newKey('epoch')].sort(byKid).reverse();
  payload.devices = devices.map((each) => listed(each));
});
invalid('a device under another\'s kid', 'kid',
        ({payload}, w) => void (payload.devices[0].kid = w.hub.epoch.kid));
invalid('a device that signs', 'device_jwk',
        ({payload}, w) => void (payload.devices = [listed(w.hub.signing)]));
invalid('a device of nobody', 'staff_id',
        ({payload}) => void (payload.devices[0].staff_id = 'Maria'));
invalid('the epoch key as a device', 'devices',
        ({payload}, w) => void (payload.devices = [listed(w.them.epochs[1].epoch)]));
invalid('a member twice: the hub\'s epoch key before the agency\'s', 'duplicate_member',
        (list, w) => {
          list.payloadText = (text) =>
              text.replace('{', `{"epoch_jwk":${JSON.stringify(publicOf(w.hub.epoch))},`);
        });
invalid('a member of a key twice', 'duplicate_member', (list) => {
  list.payloadText = (text) => text.replace('"epoch_jwk":{', '"epoch_jwk":{"x":"AA",');
});
invalid('in another spelling of base64url', 'shape',
        (list) => void (list.encoded = (jws) => jws.replace(/\.([^.]*)$/, '.$1=')));
invalid('more than 192 KiB', 'too_large',
        (list) => void (list.payloadText = (text) => text.padEnd(192 * 1024)));

export default attacks;
