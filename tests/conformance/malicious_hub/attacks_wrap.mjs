// Attacks on key wraps.
import {b64u, publicOf} from './forge.mjs';
import {stepOf} from './world.mjs';

const attacks = [];

// ---- wraps: our epoch's keys for our device

function wrap(name, expect, change, setting) {
  attacks.push({area: 'wrap', name: `wrap: ${name}`, expect, setting,
                change: (w) => change(w.wrap, w)});
}
const badWrap = (name, check, change) => wrap(name, `WRAP_INVALID:${check}`, change);
const finished = (name, check, change) =>
    badWrap(name, check, (each, w) => void (each.changeWrap = (made) => change(made, w)));

badWrap('of a colleague\'s device', 'device_kid', (each, w) => {
  each.device = w.colleague;
  each.protected.device_kid = w.colleague.kid;
});
finished('of a colleague\'s device, relabelled', 'device_kid',
         (made, w) => void (made.recipients[0].header.kid = w.colleague.kid));
badWrap('sealed to another device under our kid', 'decrypt', (each, w) => {
  each.device = {...w.colleague, kid: w.device.kid};
});
badWrap('of another agency', 'agency_id', (each, w) => void (each.protected.agency_id = w.them.id));
badWrap('for a list that is not there yet', 'version', (each) => void (each.protected.version = 3));
for (const [name, change] of Object.entries({
  'agency relabelled': (header, w) => void (header.version = 1),
  'epoch relabelled': (header) => void (header.epoch = 1),
})) {
  finished(name, 'decrypt', (made, w) => {
    const header = JSON.parse(Buffer.from(made.protected, 'base64url'));
    change(header, w);
    made.protected = b64u(JSON.stringify(header));
  });
}
wrap('the hub\'s own keys', 'WRAP_KEY_MISMATCH',
     (each, w) => void (each.keys = {epoch_jwk: w.hub.epoch, signing_jwk: w.hub.signing}));
wrap('the hub\'s epoch key beside our signing key', 'WRAP_KEY_MISMATCH',
     (each, w) => void (each.keys.epoch_jwk = w.hub.epoch));
wrap('the hub\'s signing key beside our epoch key', 'WRAP_KEY_MISMATCH',
     (each, w) => void (each.keys.signing_jwk = w.hub.signing));
wrap('replayed epoch: the first one\'s keys as the second\'s', 'WRAP_KEY_MISMATCH', (each, w) => {
  each.keys = {epoch_jwk: w.us.epochs[0].epoch, signing_jwk: w.us.epochs[0].signing};
});
wrap('an epoch that the list does not name', 'WRAP_KEY_MISMATCH',
     (each) => void (each.protected.epoch = 3));
for (const [name, change] of Object.entries({
  'another epoch key for a past epoch': (keys, w) => void (keys.epoch_jwk = w.hub.epoch),
  'another signing key for a past epoch': (keys, w) => void (keys.signing_jwk = w.hub.signing),
})) {
  wrap(name, 'WRAP_KEY_MISMATCH', (each, w) => {
    const {epoch, signing} = w.us.epochs[0];
    each.protected.epoch = 1;
    each.keys = {epoch_jwk: epoch, signing_jwk: signing};
    change(each.keys, w);
  });
}
wrap('another agency\'s keys', 'WRAP_KEY_MISMATCH', (each, w) => {
  each.keys = {epoch_jwk: w.other.epochs[1].epoch, signing_jwk: w.other.epochs[1].signing};
});
badWrap('a wrong private half of the epoch key', 'epoch_jwk',
        (each, w) => void (each.keys.epoch_jwk = {...each.keys.epoch_jwk, d: w.hub.epoch.d}));
badWrap('a wrong private half of the signing key', 'signing_jwk',
        (each, w) => void (each.keys.signing_jwk = {...each.keys.signing_jwk, d: w.hub.signing.d}));
badWrap('no private half', 'epoch_jwk',
        (each) => void (each.keys.epoch_jwk = publicOf(each.keys.epoch_jwk)));
badWrap('a private half of zero', 'epoch_jwk',
        (each) => void (each.keys.epoch_jwk = {...each.keys.epoch_jwk, d: b64u(Buffer.alloc(32))}));
badWrap('a private key with a member nobody knows', 'epoch_jwk',
        (each) => void (each.keys.epoch_jwk = {...each.keys.epoch_jwk, note: 'x'}));
badWrap('a private key that is text', 'epoch_jwk',
        (each) => void (each.keys.epoch_jwk = JSON.stringify(each.keys.epoch_jwk)));
badWrap('the two keys exchanged', 'epoch_jwk', (each) => {
  const {epoch_jwk: epoch, signing_jwk: signing} = each.keys;
  each.keys = {epoch_jwk: signing, signing_jwk: epoch};
});
badWrap('a third key inside', 'unknown_member',
        (each, w) => void (each.keys.agency_jwk = w.us.key));
wrap('for a device that the list does not name', 'DEVICE_NOT_LISTED', (_, w) => {
  const {payload} = w.us.lists[1];
  payload.devices = payload.devices.filter((each) => each.kid !== w.device.kid);
});
for (const alg of ['dir', 'ECDH-ES', 'A256KW']) {
  finished(`downgraded: alg ${alg}`, 'alg', (made) => void (made.recipients[0].header.alg = alg));
}
badWrap('downgraded: enc A128GCM', 'enc', (each) => void (each.protected.enc = 'A128GCM'));
badWrap('zip in the protected header', 'forbidden_member',
        (each) => void (each.protected.zip = 'DEF'));
badWrap('a packet\'s typ', 'typ', (each) => void (each.protected.typ = 'fairlead-seal+jwe'));
badWrap('a version to come', 'v', (each) => void (each.protected.v = 2));
badWrap('a member twice', 'duplicate_member',
        (each) => void (each.protectedText = (text) => text.replace('{', '{"epoch":2,')));
badWrap('an agency id out of form', 'agency_id', (each) => void (each.protected.agency_id = 'x'));
badWrap('a device kid out of form', 'device_kid', (each) => void (each.protected.device_kid = 'x'));
finished('a protected header that is no base64url', 'protected',
         (made) => void (made.protected += '='));
finished('a member nobody knows', 'unknown_member', (made) => void (made.note = 'x'));
finished('no wrapped key', 'missing_member',
         (made) => void delete made.recipients[0].encrypted_key);
finished('an ephemeral point off the curve', 'epk',
         (made) => void (made.recipients[0].header.epk.y = b64u(Buffer.alloc(32, 'b'))));
finished('another recipient beside our device', 'recipients',
         (made) => void made.recipients.push(made.recipients[0]));
finished('content changed', 'decrypt', (made) => {
  made.ciphertext = (made.ciphertext[0] === 'A' ? 'B' : 'A') + made.ciphertext.slice(1);
});
finished('a tag of 12 bytes', 'tag', (made) => void (made.tag = b64u(Buffer.alloc(12))));
finished('an iv of 16 bytes', 'iv', (made) => void (made.iv = b64u(Buffer.alloc(16))));
finished('a wrapped key of 48 bytes', 'encrypted_key',
         (made) => void (made.recipients[0].encrypted_key = b64u(Buffer.alloc(48))));
attacks.push({
  area: 'wrap', name: 'wrap: a packet in its place', expect: 'WRAP_INVALID:json',
  change: () => (exchange) =>
      void (stepOf(exchange, 'unwrap').wrap = stepOf(exchange, 'open').packet),
});

export default attacks;
