// Attacks on the coalition's root and on the certificates that it gives to agencies.
import {createHmac} from 'node:crypto';

import {b64u, newKey, publicOf, statement} from './forge.mjs';
import {certificate, DAY_S, rootStatement, stepOf} from './world.mjs';

const attacks = [];

// ---- the root as it is first shown, and compared by a person

function firstRoot(name, check, change) {
  attacks.push({area: 'root', name: `first root: ${name}`, expect: `ROOT_INVALID:${check}`,
                change: (w) => change(w.firstRoots[0], w)});
}
firstRoot('signed by another key', 'kid', (root, w) => {
  root.signer = w.hub.root;
  root.header.kid = w.hub.root.kid;
});
firstRoot('all names right, the hub\'s signature', 'signature',
          (root, w) => void (root.signer = w.hub.root));
firstRoot('another coalition\'s name over the same signature', 'signature', (root) => {
  root.encoded = (jws) => {
    const [header, , signature] = jws.split('.');
    return [header, b64u(JSON.stringify({...root.payload, coalition: 'Other'})), signature]
        .join('.');
  };
});
firstRoot('with a number that is not the first', 'number',
          (root) => Object.assign(root.payload, {number: 2, previous: root.header.kid}));
firstRoot('with a root before it', 'previous',
          (root) => void (root.payload.previous = root.header.kid));
firstRoot('a key that encrypts', 'root_jwk',
          (root) => void (root.payload.root_jwk = publicOf(newKey('epoch'))));
firstRoot('with its private half', 'root_jwk',
          (root, w) => void (root.payload.root_jwk = w.root));
firstRoot('off the curve', 'root_jwk', (root) => {
  const {kid, ...jwk} = root.payload.root_jwk;
  root.payload.root_jwk = {...jwk, y: b64u(Buffer.alloc(32, 'b'))};
});
firstRoot('under a kid that is not its thumbprint', 'root_jwk',
          (root, w) => void (root.payload.root_jwk.kid = w.hub.root.kid));
firstRoot('issued tomorrow', 'iat', (root) => void (root.payload.iat += 3 * DAY_S));
firstRoot('a name with a line break', 'coalition',
          (root) => void (root.payload.coalition = 'Harbor\ncoalition'));
firstRoot('a version to come', 'v', (root) => void (root.payload.v = 2));
firstRoot('alg none', 'alg', (root) => void (root.header.alg = 'none'));
firstRoot('the typ of a certificate', 'typ',
          (root) => void (root.header.typ = 'fairlead-agency+jwt'));
firstRoot('a member twice', 'duplicate_member', (root) => {
  root.payloadText = (text) => text.replace('{', '{"number":1,');
});
firstRoot('a member nobody knows', 'unknown_member', (root) => void (root.payload.note = 'x'));
firstRoot('a member missing', 'missing_member', (root) => void delete root.payload.coalition);

firstRoot('in another spelling of base64url', 'shape',
          (root) => void (root.encoded = (jws) => jws.replace(/\.([^.]*)\./, '.$1=.')));
attacks.push({area: 'root', name: 'first root: none', expect: 'ROOT_ROLLBACK',
              change: (w) => void (w.firstRoots = [])});

// ---- the root as it is shown later

function laterRoot(name, expect, change, setting) {
  attacks.push({area: 'root', name: `root: ${name}`, expect, change, setting});
}
/** An honest world in which the root has been followed by a second one. */
function rotated(w) {
  w.root2 = newKey('signing');
  w.laterRoots.push(rootStatement(2, w.root2, w.root, w.nowS));
  for (const agency of [w.us, w.them]) {
    agency.certificates[1] = certificate(agency, w.root2, w.nowS);
  }
}
laterRoot('swapped for the hub\'s own', 'ROOT_CHANGED',
          (w) => void (w.laterRoots = [rootStatement(1, w.hub.root, w.hub.root, w.nowS)]));
laterRoot('gone', 'ROOT_ROLLBACK', (w) => void (w.laterRoots = []));
laterRoot('rolled back to the one before', 'ROOT_ROLLBACK', (w) => void w.laterRoots.pop(), (w) => {
  rotated(w);
  w.firstRoots = [...w.laterRoots];
  for (const agency of [w.us, w.them]) agency.certificates[0] = agency.certificates[1];
});
laterRoot('followed by one that the hub signed', 'ROOT_CHANGED:kid', (w) => {
  w.laterRoots[1].signer = w.hub.root;
  w.laterRoots[1].header.kid = w.hub.root.kid;
}, rotated);
laterRoot('followed by one that the hub signed under the root\'s name', 'ROOT_CHANGED:signature',
          (w) => void (w.laterRoots[1].signer = w.hub.root), rotated);
laterRoot('followed by one that names another before it', 'ROOT_CHANGED:previous',
          (w) => void (w.laterRoots[1].payload.previous = w.hub.root.kid), rotated);
laterRoot('followed by a number too many', 'ROOT_INVALID:number',
          (w) => void (w.laterRoots[1].payload.number = 3), rotated);
laterRoot('followed by itself', 'ROOT_INVALID:root_jwk',
          (w) => void (w.laterRoots[1].payload.root_jwk = publicOf(w.root)), rotated);
laterRoot('followed by another first one', 'ROOT_INVALID:number',
          (w) => void Object.assign(w.laterRoots[1].payload, {number: 1, previous: ''}), rotated);
laterRoot('followed by a certificate', 'ROOT_INVALID:typ',
          (w) => void (w.laterRoots[1] = w.us.certificates[0]), rotated);
laterRoot('the pinned number with another key, signed by the pinned root', 'ROOT_CHANGED',
          (w) => void (w.laterRoots = [
            rootStatement(1, w.hub.root, w.root, w.nowS),
          ]));

// ---- certificates

function certified(name, expect, change, setting) {
  attacks.push({area: 'certificate', name: `certificate: ${name}`, expect, setting,
                change: (w) => change(w.them.certificates[1], w)});
}
const invalid = (name, check, change, setting) =>
    certified(name, `CERTIFICATE_INVALID:${check}`, change, setting);

certified('none', 'CERTIFICATE_MISSING', (_, w) => void (w.them.certificates[1] = null));
invalid('signed by the hub', 'kid', (each, w) => {
  each.signer = w.hub.root;
  each.header.kid = w.hub.root.kid;
});
invalid('signed by the hub under the root\'s name', 'signature',
        (each, w) => void (each.signer = w.hub.root));
invalid('signed by another agency', 'kid', (each, w) => {
  each.signer = w.other.key;
  each.header.kid = w.other.key.kid;
});
invalid('signed by the agency itself', 'kid', (each, w) => {
  each.signer = w.them.key;
  each.header.kid = w.them.key.kid;
});
invalid('of the root that was given up', 'kid', (_, w) => {
  w.them.certificates[1] = w.them.certificates[0];
}, rotated);
invalid('of another agency', 'agency_id',
        (_, w) => void (w.them.certificates[1] = w.other.certificates[1]));
invalid('and key list of another agency', 'agency_id', (_, w) => {
  w.them.certificates[1] = w.other.certificates[1];
  w.them.lists[1] = w.other.lists[1];
});
certified('expired', 'CERTIFICATE_EXPIRED',
          (each, w) => void (each.payload.exp = w.nowS - 301));
invalid('of tomorrow', 'iat', (each) => void (each.payload.iat += 2 * DAY_S));
invalid('for ten years', 'exp', (each) => void (each.payload.exp += 3650 * DAY_S));
invalid('that ends before it begins', 'exp',
        (each) => void (each.payload.exp = each.payload.iat));
certified('older than the one taken last', 'CERTIFICATE_ROLLBACK',
          (each) => void (each.payload.iat -= DAY_S));
/** The payload is changed, the signature stays that of the honest one. */
const unsigned = (name, change) => invalid(name, 'signature', (each, w) => {
  each.encoded = (jws) => {
    const [header, , signature] = jws.split('.');
    const payload = structuredClone(each.payload);
    change(payload, w);
    return [header, b64u(JSON.stringify(payload)), signature].join('.');
  };
});
unsigned('name swapped', (payload) => void (payload.name = 'Another agency'));
unsigned('agency key swapped', (payload, w) => void (payload.agency_jwk = publicOf(w.hub.key)));
unsigned('agency id swapped', (payload, w) => void (payload.agency_id = w.other.id));
unsigned('expiry moved', (payload) => void (payload.exp += DAY_S));
invalid('for the root\'s own key', 'agency_jwk',
        (each, w) => void (each.payload.agency_jwk = publicOf(w.root)));
invalid('for a key that encrypts', 'agency_jwk',
        (each, w) => void (each.payload.agency_jwk = publicOf(w.them.epochs[1].epoch)));
invalid('a name of control characters', 'name',
        (each) => void (each.payload.name = '\u0000\u007f'));
invalid('a name of 201 bytes', 'name', (each) => void (each.payload.name = 'x'.repeat(201)));
invalid('an agency id in another spelling', 'agency_id',
        (each) => void (each.payload.agency_id = each.payload.agency_id.toUpperCase()));
invalid('a root statement in its place', 'typ',
        (_, w) => void (w.them.certificates[1] = w.firstRoots[0]));
invalid('a key list in its place, of the root\'s own key', 'typ', (each, w) => {
  w.them.certificates[1] = statement('fairlead-keys+jwt', each.payload, w.root);
});
invalid('alg none and no signature', 'alg', (each) => {
  each.header.alg = 'none';
  each.encoded = (jws) => jws.slice(0, jws.lastIndexOf('.') + 1);
});
invalid('HS256 with the root\'s public key as the secret', 'alg', (each, w) => {
  each.header.alg = 'HS256';
  each.encoded = (jws) => {
    const input = jws.slice(0, jws.lastIndexOf('.'));
    return `${input}.${createHmac('sha256', w.root.x).update(input).digest('base64url')}`;
  };
});
invalid('the key to check with inside: jwk', 'forbidden_member', (each, w) => {
  each.header.jwk = publicOf(w.hub.root);
  each.signer = w.hub.root;
});
invalid('an extension that must be understood: crit', 'forbidden_member',
        (each) => void (each.header.crit = ['exp']));
invalid('a member twice', 'duplicate_member', (each, w) => {
  each.payloadText = (text) => text.replace('{', `{"agency_id":"${w.other.id}",`);
});
invalid('in another spelling of base64url', 'shape', (each) => {
  each.encoded = (jws) => jws.replace('.', '=.');
});
invalid('more than 4,096 bytes', 'too_large', (each) => {
  each.payloadText = (text) => text.padEnd(4096);
});
certified('of a new agency key that nobody accepted, the root in league with the hub',
          'AGENCY_KEY_CHANGED', (_, w) => {
            w.them.key = w.hub.key;
            w.them.certificates[1] = certificate(w.them, w.root, w.nowS);
            Object.assign(w.them.lists[1], {
              header: {...w.them.lists[1].header, kid: w.hub.key.kid},
              signer: w.hub.key,
            });
            w.them.lists[1].payload.agency_jwk = publicOf(w.hub.key);
          });
attacks.push({
  area: 'certificate', name: 'certificate: a packet\'s signed text in its place',
  expect: 'CERTIFICATE_INVALID:unknown_member', change: () => (exchange) => {
    const step = exchange.steps.filter((each) => each.step === 'judge')[2];
    step.certificate = JSON.parse(stepOf(exchange, 'open').packet).protected + '.e30.AAAA';
  },
});

export default attacks;
