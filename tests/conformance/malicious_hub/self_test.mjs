// Does the list of attacks catch a client that leaves out a check? Every check of the web app's
// library is left out, one at a time, and the attacks that it stood against must be noticed. A
// client that believes everything, one that believes nothing, and an honest exchange with one
// character changed must be noticed too.
import {webcrypto} from 'node:crypto';
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

import {attacks} from './attacks.mjs';
import {clientOf} from './client.mjs';
import {instrumented} from './instrument.mjs';
import {faultsOf} from './verdict.mjs';
import {exchanges} from './world.mjs';

globalThis.crypto ??= webcrypto;  // Node 18

const built = fileURLToPath(new URL('../../../gateway/web/lib/build', import.meta.url));
if (!existsSync(`${built}/index.js`)) {
  console.log('skipped: gateway/web/lib is not built');
  process.exit(77);
}

// Checks that no answer of a hub can set off: they are on what a caller hands in, or on what has
// just been made here. The unit tests of the library have them.
const NOT_THE_HUBS = [
  /^seal\.js: .* refuse\('(TOO_FEW|TOO_MANY|DUPLICATE)_RECIPIENTS?'\)/,
  /^seal\.js: .* refuse\('(INVALID_HEADER|PACKET_TOO_LARGE)'/,
  /^(seal|wraps|jws)\.js: .* check(Public|Private)Key\(/,
  /^jwk\.js: .* checkPublicKey\(key\.publicKey/,
  /^jwk\.js: if \((key\.use !== use|x === undefined|key\.kid !==|!await isPair)/,
  /^jws\.js: if \(jws\.length > maxBytes\) refuse\(STATEMENT_INVALID, 'too_large'\)/,
  /^key_list\.js: if \(!samePublicKey\(agencyKey\.publicKey/,
  // The exchange begins with the release's hash: the unit tests have the elements.
  /^release_hash\.js: /,
  // The exchange looks the key up under the very name that the packet gives.
  /^seal\.js: if \(envelope\.header\.senderKid !== sender\.kid\)/,
];
// Checks behind which another gives the same answer, and that stand there for another reason.
const DOUBLED = [
  /^jwk\.js: if \(use === undefined\)/,        // then no use fits the one that is asked for
  /^jwk\.js: .*catch.* refuse\(REASON, 'd'\)/,  // the pair is tried out: browsers differ here
  /^(seal|wraps)\.js: if \(contentKey === undefined\)/,  // nothing decrypts without a key
  /^strict_json\.js: if \(input\.length > maxBytes\)/,  // before any work is done
  // The device compares both with what it knows; a hub that only reads wraps has the form alone.
  /^wraps\.js: if \(!is(Uuid\(agencyId|Hash\(deviceKid)\)\)/,
];

const faults = [];
const {lib, sites, watch} = await instrumented(built);
const client = clientOf(lib);
const run = (exchange) => client(exchange).catch(
    (error) => ({outcome: `crash: ${error.message}`, step: -1, learned: []}));

// Which checks refuse each attack.
const standAgainst = new Map(sites.map((_, site) => [site, []]));
const made = [];
for (const attack of attacks) {
  const {control, attack: attacked} = exchanges(attack);
  const honest = await run(control);
  const {result, threw} = await watch(-1, () => run(attacked));
  for (const fault of faultsOf(attack, honest, result)) faults.push(`${attack.name}: ${fault}`);
  const each = {attack, control, attacked, honest};
  made.push(each);
  for (const site of threw) standAgainst.get(site).push(each);
}

// Each check left out.
let caught = 0;
for (const [site, name] of sites.entries()) {
  const against = standAgainst.get(site);
  if (against.length === 0) {
    if (!NOT_THE_HUBS.some((each) => each.test(name))) faults.push(`no attack on ${name}`);
    continue;
  }
  let noticed = false;
  for (const {attack, attacked, honest} of against) {
    const {result} = await watch(site, () => run(attacked));
    noticed = faultsOf(attack, honest, result).length > 0;
    if (noticed) break;
  }
  if (noticed) {
    ++caught;
  } else if (!DOUBLED.some((each) => each.test(name))) {
    faults.push(`left out unnoticed: ${name}`);
  }
}

// The two clients that are wrong about everything.
const {attack, attacked, honest} = made[0];
const refusal = await run(attacked);
if (!faultsOf(attack, honest, honest).includes('falls for it')) {
  faults.push('a client that believes everything is not noticed');
}
if (!faultsOf(attack, refusal, refusal)[0]?.startsWith('refuses the honest exchange')) {
  faults.push('a client that believes nothing is not noticed');
}

// The honest exchange with one character changed in what the hub handed out: refused, wherever.
function changedAt(exchange, stepIndex, member, place) {
  const changed = structuredClone(exchange);
  const step = changed.steps[stepIndex];
  const text = Array.isArray(step[member]) ? step[member][0] : step[member];
  const at = Math.floor(place * (text.length - 1));
  const other = text[at] === 'A' ? 'B' : 'A';
  const spoilt = text.slice(0, at) + other + text.slice(at + 1);
  step[member] = Array.isArray(step[member]) ? [spoilt, ...step[member].slice(1)] : spoilt;
  return changed;
}
let spoilt = 0;
const {control} = made.find((each) => each.attack.setting === undefined);
for (const [i, step] of control.steps.entries()) {
  // A root that is pinned already is recognised by its key: its old signature proves nothing more.
  if (step.step === 'follow_roots') continue;
  for (const member of ['statements', 'key_list', 'certificate', 'wrap', 'packet']) {
    if (step[member] === undefined) continue;
    for (const place of [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]) {
      ++spoilt;
      const {outcome} = await run(changedAt(control, i, member, place));
      if (outcome === 'ok') faults.push(`accepts a changed ${member} at ${place} of step ${i}`);
    }
  }
}

for (const fault of faults) console.log(`FAILED: ${fault}`);
console.log(`malicious hub, self-test: ${caught} checks left out one by one and noticed, ` +
            `${spoilt} spoilt honest exchanges, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
