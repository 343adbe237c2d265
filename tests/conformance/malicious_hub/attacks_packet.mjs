// Attacks on packets. Each: name, what the hub (or an outsider through it) did, what both clients
// must say, and the change to an honest world.
import {createHmac} from 'node:crypto';

import {
  b64u, byKid, es256, makeJws, makePacket, overlongPoint, pad, publicOf, sha256, unb64u,
} from './forge.mjs';
import {DAY_S, newPacket, PLAINTEXT, stepOf} from './world.mjs';

const attacks = [];
function attack(name, expect, change, setting) {
  attacks.push({area: 'packet', name, expect, change, setting});
}
/** The protected header as the hub rewrites it, on a packet that it cannot encrypt anew. */
function rewritten(name, change) {
  attack(name, 'DECRYPTION_FAILED', (w) => {
    w.packet.changePacket = (made) => {
      const header = JSON.parse(unb64u(made.protected));
      change(header, w);
      made.protected = b64u(JSON.stringify(header));
    };
  });
}
/** One member of the finished packet, of our recipient, or of its header. */
const inPacket = (name, expect, change) =>
    attack(name, expect, (w) => void (w.packet.changePacket = (made) => change(made, w)));
const mine = (made, w) =>
    made.recipients.find((each) => each.header.kid === w.us.epochs[1].epoch.kid);
const inRecipient = (name, expect, change) =>
    inPacket(name, expect, (made, w) => change(mine(made, w).header, w));

// ---- what belongs together is taken apart

inPacket('spliced: the content of another packet of the same sender', 'DECRYPTION_FAILED',
         (made, w) => {
           const {iv, ciphertext, tag} = makePacket(newPacket(w));
           Object.assign(made, {iv, ciphertext, tag});
         });
inPacket('spliced: the header of another packet of the same sender', 'DECRYPTION_FAILED',
         (made, w) => void (made.protected = makePacket(newPacket(w)).protected));
inPacket('spliced: the recipients of another packet of the same sender', 'DECRYPTION_FAILED',
         (made, w) => void (made.recipients = makePacket(newPacket(w)).recipients));
inPacket('two recipients\' keys exchanged', 'DECRYPTION_FAILED', (made) => {
  const [a, b] = made.recipients;
  [a.encrypted_key, b.encrypted_key] = [b.encrypted_key, a.encrypted_key];
});
attack('a whole packet replayed in another referral', 'REFERRAL_MISMATCH',
       (w) => void (w.open.referral_id = newPacket(w).protected.referral_id));
attack('a whole packet replayed under another release', 'RELEASE_MISMATCH',
       (w) => void (w.open.release_hash = sha256('another release')));
attack('an expired packet replayed', 'PACKET_EXPIRED',
       (w) => void (w.packet.protected.exp = w.nowS - 1));
attack('a packet for somebody else', 'NOT_A_RECIPIENT',
       (w) => void (w.packet.recipients = [w.other, w.them].map((a) => a.epochs[1].epoch)
                                              .sort(byKid)));
attack('passed on: signed for another agency, encrypted anew to us', 'SIGNATURE_INVALID:pth',
       (w) => {
         const original = newPacket(w);
         original.recipients = [w.other, w.them].map((a) => a.epochs[1].epoch).sort(byKid);
         w.packet.changeJws = () => makeJws(original, makePacket(original).protected);
       });
attack('passed on: with the header that was signed, we are no recipient', 'INVALID_PACKET:recips',
       (w) => {
         const others = [w.other, w.them].map((a) => a.epochs[1].epoch.kid).sort();
         w.packet.protected.recips = sha256(others.join('\n'));
       });

// ---- recipients

function third(w) {
  w.packet.recipients = [w.us, w.them, w.other].map((a) => a.epochs[1].epoch).sort(byKid);
}
attack('dropped recipient', 'INVALID_PACKET:recips', (w) => {
  w.packet.changePacket = (made) => {
    made.recipients = made.recipients.filter(
        (each) => each.header.kid !== w.other.epochs[1].epoch.kid);
  };
}, third);
inPacket('dropped recipient, none but us left', 'INVALID_PACKET:recipient_count',
         (made, w) => void (made.recipients = [mine(made, w)]));
inPacket('added recipient: the hub\'s own key', 'INVALID_PACKET:recips', (made, w) => {
  const added = structuredClone(mine(made, w));
  added.header.kid = w.hub.epoch.kid;
  made.recipients = [...made.recipients, added].sort((a, b) => byKid(a.header, b.header));
});
inPacket('swapped recipient: the hub\'s key in the sender\'s place', 'INVALID_PACKET:recips',
         (made, w) => {
           made.recipients.find((each) => each !== mine(made, w)).header.kid = w.hub.epoch.kid;
           made.recipients.sort((a, b) => byKid(a.header, b.header));
         });
inPacket('a recipient twice', 'INVALID_PACKET:recipient_order',
         (made, w) => void (made.recipients = [mine(made, w), mine(made, w)]));
inPacket('recipients out of order', 'INVALID_PACKET:recipient_order',
         (made) => void made.recipients.reverse());
inPacket('nine recipients', 'INVALID_PACKET:recipient_count',
         (made, w) => void (made.recipients = Array(9).fill(mine(made, w))));
inPacket('our own key withheld', 'INVALID_PACKET:encrypted_key',
         (made, w) => void delete mine(made, w).encrypted_key);

// ---- algorithms

for (const alg of ['dir', 'ECDH-ES', 'ECDH-ES+A128KW', 'A256KW', 'RSA1_5', 'RSA-OAEP',
                   'PBES2-HS256+A128KW', 'none']) {
  inRecipient(`downgraded: alg ${alg}`, 'INVALID_PACKET:alg', (header) => void (header.alg = alg));
}
for (const enc of ['A128GCM', 'A128CBC-HS256', 'A256CBC-HS512', 'none']) {
  attack(`downgraded: enc ${enc}`, 'INVALID_PACKET:enc',
         (w) => void (w.packet.protected.enc = enc));
}
for (const alg of ['none', 'HS256', 'ES384', 'RS256']) {
  attack(`downgraded: signature ${alg}`, 'SIGNATURE_INVALID:alg',
         (w) => void (w.packet.signed.alg = alg));
}
attack('downgraded: HS256 with the public key as the secret', 'SIGNATURE_INVALID:alg', (w) => {
  w.packet.signed.alg = 'HS256';
  w.packet.changeJws = (jws) => {
    const input = jws.slice(0, jws.lastIndexOf('.'));
    return `${input}.${createHmac('sha256', w.them.epochs[1].signing.x).update(input)
                           .digest('base64url')}`;
  };
});
for (const [member, value] of Object.entries({
  zip: 'DEF', crit: ['exp'], jku: 'https://hub.example/keys', x5u: 'https://hub.example/cert',
  x5c: ['MII'], apu: 'QQ', apv: 'Qg', p2c: 1, b64: false,
})) {
  attack(`${member} in the protected header`, 'INVALID_PACKET:forbidden_member',
         (w) => void (w.packet.protected[member] = value));
  inRecipient(`${member} in the recipient's header`, 'INVALID_PACKET:forbidden_member',
              (header) => void (header[member] = value));
}
attack('the key to check with inside the signature: jwk', 'SIGNATURE_INVALID:forbidden_member',
       (w) => void (w.packet.signed.jwk = {kty: 'EC', crv: 'P-256', x: w.hub.signing.x,
                                           y: w.hub.signing.y}));
attack('an extension that must be understood: crit in the signature',
       'SIGNATURE_INVALID:forbidden_member', (w) => void (w.packet.signed.crit = ['b64']));
inPacket('a shared unprotected header', 'INVALID_PACKET:forbidden_member',
         (made) => void (made.unprotected = {zip: 'DEF'}));
inPacket('additional authenticated data', 'INVALID_PACKET:forbidden_member',
         (made) => void (made.aad = 'eA'));

// ---- ephemeral keys

inRecipient('an ephemeral point off the curve', 'INVALID_PACKET:epk',
            ({epk}) => void (epk.y = b64u(Buffer.alloc(32, 'b'))));
inRecipient('an ephemeral point of zeros', 'INVALID_PACKET:epk',
            ({epk}) => void (epk.x = epk.y = b64u(Buffer.alloc(32))));
inRecipient('an ephemeral point in another spelling: x + p', 'INVALID_PACKET:epk',
            ({epk}) => void Object.assign(epk, overlongPoint()));
inRecipient('an ephemeral key on another curve', 'INVALID_PACKET:crv',
            ({epk}) => void (epk.crv = 'P-384'));
inRecipient('an ephemeral key with its private half', 'INVALID_PACKET:forbidden_member',
            ({epk}, w) => void (epk.d = w.hub.epoch.d));
inRecipient('an ephemeral key with a coordinate cut short', 'INVALID_PACKET:x',
            ({epk}) => void (epk.x = b64u(unb64u(epk.x).subarray(0, 31))));
inRecipient('another ephemeral key, as good as any', 'DECRYPTION_FAILED',
            ({epk}, w) => void Object.assign(epk, {x: w.hub.epoch.x, y: w.hub.epoch.y}));

for (const [name, detail, change] of [
  ['an ephemeral key of another kind', 'kty', (each) => void (each.header.epk.kty = 'OKP')],
  ['an ephemeral key that is text', 'epk', (each) => void (each.header.epk = 'x')],
  ['a recipient\'s header that is text', 'header', (each) => void (each.header = 'x')],
  ['a recipient under a kid that is no thumbprint', 'kid', (each) => void (each.header.kid = 'x')],
  ['a recipient with a member nobody knows', 'unknown_member', (each) => void (each.note = 'x')],
]) {
  inPacket(name, `INVALID_PACKET:${detail}`, (made) => change(made.recipients[0]));
}
inPacket('a recipient that is nothing', 'INVALID_PACKET:recipients',
         (made) => void (made.recipients[0] = null));
inPacket('recipients that are text', 'INVALID_PACKET:recipients',
         (made) => void (made.recipients = 'two'));

// ---- lengths

inPacket('an iv of 16 bytes', 'INVALID_PACKET:iv',
         (made) => void (made.iv = b64u(Buffer.alloc(16))));
inPacket('no iv', 'INVALID_PACKET:iv', (made) => void (made.iv = ''));
inPacket('a tag of 12 bytes', 'INVALID_PACKET:tag',
         (made) => void (made.tag = b64u(unb64u(made.tag).subarray(0, 12))));
inPacket('a wrapped key of 32 bytes', 'INVALID_PACKET:encrypted_key',
         (made, w) => void (mine(made, w).encrypted_key = b64u(Buffer.alloc(32))));
inPacket('content of no padded size', 'INVALID_PACKET:ciphertext',
         (made) => void (made.ciphertext = b64u(Buffer.alloc(1366))));
inPacket('content cut short', 'INVALID_PACKET:ciphertext',
         (made) => void (made.ciphertext = b64u(unb64u(made.ciphertext).subarray(0, 800))));
attack('padding that says something', 'INVALID_PACKET:padding',
       (w) => void (w.packet.payload = Buffer.from(w.packet.payload).fill(1, 1000)));
attack('padded to more than the next size', 'INVALID_PACKET:padding', (w) => {
  const padded = Buffer.alloc(4096);
  pad(PLAINTEXT).copy(padded);
  w.packet.payload = padded;
});

// ---- what the header says

rewritten('altered referral', (header) => void (header.referral_id = crypto.randomUUID()));
rewritten('altered sender', (header, w) => void (header.sender_agency_id = w.other.id));
rewritten('altered release hash', (header) => void (header.release_hash = sha256('wider')));
rewritten('altered purpose', (header) => void (header.purpose = 'research'));
rewritten('altered categories: one more', 
          (header) => void (header.categories = ['identity', 'narrative', 'needs']));
rewritten('altered expiry: a year more', (header) => void (header.exp += 365 * DAY_S));
for (const [member, value] of Object.entries({
  typ: 'fairlead-wrap+jwe', v: 2, cty: 'JWT', referral_id: 'Maria, 555-0100',
  sender_agency_id: 'Harbor', sender_kid: 'x', release_hash: 'x',
  purpose: 'any words at all', categories: ['needs', 'identity'], exp: 0,
})) {
  attack(`${member} out of form`, `INVALID_PACKET:${member}`,
         (w) => void (w.packet.protected[member] = value));
}
attack('an expiry that is no whole number', 'INVALID_PACKET:exp',
       (w) => void (w.packet.protected.exp += 0.5));
attack('a purpose that is a number', 'INVALID_PACKET:purpose',
       (w) => void (w.packet.protected.purpose = 7));
attack('categories that are text', 'INVALID_PACKET:categories',
       (w) => void (w.packet.protected.categories = 'needs'));
attack('categories that are numbers', 'INVALID_PACKET:categories',
       (w) => void (w.packet.protected.categories = [1, 2]));
attack('a protected header that is a list', 'INVALID_PACKET:json',
       (w) => void (w.packet.protectedText = () => '[1]'));
attack('a protected header that is no UTF-8', 'INVALID_PACKET:json',
       (w) => void (w.packet.protectedText = (text) => Buffer.from(text).fill(0xff, 10, 11)));
inPacket('a protected header that is no base64url', 'INVALID_PACKET:protected',
         (made) => void (made.protected += '='));
attack('a member nobody knows', 'INVALID_PACKET:unknown_member',
       (w) => void (w.packet.protected.note = 'x'));
attack('a member missing', 'INVALID_PACKET:missing_member',
       (w) => void delete w.packet.protected.purpose);

// ---- senders

attack('forged sender: the hub\'s own packet under its own key', 'SENDER_KEY_UNKNOWN', (w) => {
  Object.assign(w.packet, {signer: w.hub.signing});
  w.packet.protected.sender_kid = w.packet.signed.kid = w.hub.signing.kid;
});
attack('forged sender: another agency\'s key', 'SENDER_KEY_UNKNOWN', (w) => {
  const {signing} = w.other.epochs[1];
  w.packet.signer = signing;
  w.packet.protected.sender_kid = w.packet.signed.kid = signing.kid;
});
attack('forged sender: the agency key, which signs lists only', 'SENDER_KEY_UNKNOWN', (w) => {
  w.packet.signer = w.them.key;
  w.packet.protected.sender_kid = w.packet.signed.kid = w.them.key.kid;
});
attack('forged sender: the envelope names them, the signature names the hub', 'SENDER_MISMATCH',
       (w) => {
         w.packet.signer = w.hub.signing;
         w.packet.signed.kid = w.hub.signing.kid;
       });
attack('forged sender: all names right, the hub\'s signature', 'SIGNATURE_INVALID:signature',
       (w) => void (w.packet.signer = w.hub.signing));
attack('another agency\'s packet, shown as theirs who list its key', 'SENDER_AGENCY_MISMATCH',
       (w) => {
         const {signing} = w.other.epochs[1];
         w.packet.signer = signing;
         w.packet.protected.sender_kid = w.packet.signed.kid = signing.kid;
         w.packet.protected.sender_agency_id = w.other.id;
         w.them.lists[1].payload.signing_jwk = publicOf(signing);
       });
attack('their own packet in another agency\'s name', 'SENDER_AGENCY_MISMATCH',
       (w) => void (w.packet.protected.sender_agency_id = w.other.id));
attack('a key given up by then', 'SENDER_KEY_RETIRED', (w) => {
  w.open.sent_s = w.nowS;
}, (w) => {
  // Honest: sent while that key was the agency's.
  const {signing} = w.them.epochs[0];
  w.packet.signer = signing;
  w.packet.protected.sender_kid = w.packet.signed.kid = signing.kid;
  w.open.sent_s = w.nowS - 7200;
});
attack('the signature taken away', 'SIGNATURE_INVALID:signature',
       (w) => void (w.packet.changeJws = (jws) => jws.slice(0, jws.lastIndexOf('.') + 1)));
attack('the signature of other words', 'SIGNATURE_INVALID:signature', (w) => {
  w.packet.changeJws = (jws) => {
    const [header, , signature] = jws.split('.');
    return `${header}.${b64u(pad('{"needs":["nothing"]}'))}.${signature}`;
  };
});
attack('a second payload in the signed text', 'SIGNATURE_INVALID:signature', (w) => {
  w.packet.changeJws = (jws) => jws.replace('.', `.${b64u('{}')}.`);
});
attack('a signed payload that is no base64url', 'SIGNATURE_INVALID:shape', (w) => {
  w.packet.changeJws = (jws) => {
    const input = `${jws.slice(0, jws.indexOf('.'))}.${'!'.repeat(1366)}`;
    return `${input}.${es256(input, w.packet.signer)}`;
  };
});
attack('the signature in the form of X.509', 'SIGNATURE_INVALID:signature', (w) => {
  w.packet.changeJws = (jws) => {
    const input = jws.slice(0, jws.lastIndexOf('.'));
    return `${input}.${es256(input, w.packet.signer, true)}`;
  };
});
attack('no signed text inside at all', 'SIGNATURE_INVALID:shape',
       (w) => void (w.packet.changeJws = (jws) => jws.replaceAll('.', 'A')));
attack('the signature of a statement: typ', 'SIGNATURE_INVALID:typ',
       (w) => void (w.packet.signed.typ = 'fairlead-keys+jwt'));
attack('a content type out of form', 'INVALID_PACKET:cty',
       (w) => void (w.packet.signed.cty = 'text'));

// ---- spelling

const spelt = (name, expect, text) => attack(name, expect, (w) => void (w.packet.text = text));
spelt('a member twice', 'INVALID_PACKET:duplicate_member',
      (text) => text.replace('{', '{"iv":"AAAA",'));
spelt('a member twice, once escaped', 'INVALID_PACKET:duplicate_member',
      (text) => text.replace('{', '{"\\u0069v":"AAAA",'));
attack('a member of the protected header twice', 'INVALID_PACKET:duplicate_member',
       (w) => void (w.packet.protectedText = (text) => text.replace('{', '{"exp":4000000000,')));
spelt('base64url with bits that no byte takes', 'INVALID_PACKET:tag', (text) => {
  const packet = JSON.parse(text);
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  packet.tag = packet.tag.slice(0, -1) + last[last.indexOf(packet.tag.at(-1)) + 1];
  return JSON.stringify(packet);
});
spelt('base64url with padding', 'INVALID_PACKET:tag',
      (text) => text.replace(/"tag":"([^"]*)"/, '"tag":"$1=="'));
spelt('another document behind the packet', 'INVALID_PACKET:json', (text) => `${text}{}`);
spelt('a hundred thousand brackets', 'INVALID_PACKET:json', () => '['.repeat(100_000));
spelt('more than 192 KiB', 'INVALID_PACKET:too_large', (text) => text.padEnd(192 * 1024 + 1));
spelt('more than 192 KiB in fewer characters', 'INVALID_PACKET:too_large',
      (text) => text.replace('{', `{"note":"${'ñ'.repeat(100_000)}",`));
spelt('the compact form', 'INVALID_PACKET:json', () => 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA');
inPacket('the flattened form', 'INVALID_PACKET:unknown_member', (made, w) => {
  Object.assign(made, mine(made, w));
  delete made.recipients;
});
attack('a key wrap handed out as a packet', 'INVALID_PACKET:unknown_member',
       () => (exchange) => {
         stepOf(exchange, 'open').packet = stepOf(exchange, 'unwrap').wrap;
       });
attack('sealed to another key under our kid', 'DECRYPTION_FAILED', (w) => {
  const {x, y} = w.hub.epoch;
  w.packet.recipients = w.packet.recipients.map(
      (each) => (each.kid === w.us.epochs[1].epoch.kid ? {...each, x, y} : each));
});

export default attacks;
