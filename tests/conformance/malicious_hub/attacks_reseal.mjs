// Attacks on sealing anew: what a hub may try when an agency has changed its keys, and when a
// packet that was sealed anew is opened.
import {b64u, byKid, makePacket, publicOf, unb64u} from './forge.mjs';
import {keyList, newPacket, stepOf} from './world.mjs';

const attacks = [];
function attack(name, expect, change, setting) {
  attacks.push({area: 'reseal', name: `reseal: ${name}`, expect, change, setting});
}

// ---- to which key

function newEpoch(w) {
  w.reseal = true;
  w.us.lists.push(keyList(w.us, 3, w.nowS, {devices: w.us.lists[1].payload.devices}));
}
const toKey = (name, expect, change) => attack(name, expect, change, newEpoch);

toKey('to an epoch that the hub has made and signed', 'AGENCY_KEY_UNCERTIFIED', (w) => {
  const list = w.us.lists[2];
  list.signer = w.hub.key;
  list.header.kid = w.hub.key.kid;
  list.payload.agency_jwk = publicOf(w.hub.key);
  list.payload.epoch_jwk = publicOf(w.hub.epoch);
});
toKey('to the hub\'s key, put into the signed list', 'KEY_LIST_INVALID:signature', (w) => {
  w.us.lists[2].encoded = (jws) => {
    const parts = jws.split('.');
    const payload = JSON.parse(unb64u(parts[1]));
    payload.epoch_jwk = publicOf(w.hub.epoch);
    return [parts[0], b64u(JSON.stringify(payload)), parts[2]].join('.');
  };
});
toKey('to the epoch before: an old list replayed', 'KEY_LIST_ROLLBACK', () => (exchange) => {
  const first = exchange.steps.find((each) => each.step === 'judge');
  stepOf(exchange, 'reseal').key_list = first.key_list;
});
toKey('to another key of an epoch that is known', 'EPOCH_KEYS_CHANGED', (w) => {
  const list = w.us.lists[2];
  list.payload.epoch = 2;
  list.payload.epoch_jwk = publicOf(w.hub.epoch);
  list.payload.signing_jwk = publicOf(w.us.epochs[1].signing);
  list.payload.past = w.us.lists[1].payload.past;
});
toKey('the list is withheld', 'KEY_LIST_INVALID:shape',
      () => (exchange) => void (stepOf(exchange, 'reseal').key_list = ''));

// ---- what

toKey('another referral\'s packet in its place', 'REFERRAL_MISMATCH',
      (w) => (exchange) => {
        stepOf(exchange, 'reseal').packet = JSON.stringify(makePacket(newPacket(w)));
      });
toKey('a packet that another agency has sent', 'SENDER_AGENCY_MISMATCH',
      (w) => void (w.packet.protected.sender_agency_id = w.other.id));
toKey('a packet that was for another agency', 'NOT_A_RECIPIENT',
      (w) => void (w.packet.recipients = [w.other, w.them].map((each) => each.epochs[1].epoch)
                                             .sort(byKid)));

// ---- opened afterwards

function sealedAnew(w) {
  w.open.sealed_anew = true;
  w.open.own_agency_id = w.us.id;
  const ours = {...w.us.epochs[0].epoch, resealedTo: w.us.epochs[1].epoch};
  w.packet.recipients = [ours, w.them.epochs[1].epoch].sort(byKid);
}
const opening = (name, expect, change) => attack(name, expect, change, sealedAnew);
const ourShare = (w) => w.packet.recipients.find((each) => 'resealedTo' in each);

opening('the old wrapping replayed for the new one', 'DECRYPTION_FAILED',
        (w) => void delete ourShare(w).resealedTo);
opening('a share of another packet', 'DECRYPTION_FAILED', (w) => {
  const another = newPacket(w);
  another.recipients = w.packet.recipients;
  w.packet.changePacket = (made) => void (made.recipients = makePacket(another).recipients);
});
opening('who sealed it anew named as its sender', 'SENDER_AGENCY_MISMATCH',
        (w) => void (w.packet.protected.sender_agency_id = w.us.id));
opening('a packet for another agency, passed on to us', 'NOT_A_RECIPIENT', (w) => {
  const theirs = {...w.other.epochs[0].epoch, resealedTo: w.us.epochs[1].epoch};
  w.packet.recipients = [theirs, w.them.epochs[1].epoch].sort(byKid);
});
opening('our place renamed to the new key', 'INVALID_PACKET:recips', (w) => {
  w.packet.changePacket = (made) => {
    const kid = w.us.epochs[0].epoch.kid;
    made.recipients.find((each) => each.header.kid === kid).header.kid = w.us.epochs[1].epoch.kid;
    made.recipients.sort((a, b) => byKid(a.header, b.header));
  };
});

export default attacks;
