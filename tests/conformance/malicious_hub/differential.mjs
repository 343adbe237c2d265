// Both clients on exchanges that are spoilt at random: not what they say is tested here, but that
// they say the same, at the same step. What one parser reads and the other does not would be found.
import {spawnSync} from 'node:child_process';
import {webcrypto} from 'node:crypto';
import {existsSync} from 'node:fs';
import path from 'node:path';

import {clientOf} from './client.mjs';
import {b64u, unb64u} from './forge.mjs';
import {differenceOf} from './verdict.mjs';
import {newWorld, render} from './world.mjs';

globalThis.crypto ??= webcrypto;  // Node 18

const CASES = Number(process.argv[2] ?? 300);
const BATCH = 300;
const tool = path.resolve(process.env.FAIRLEAD_BUILD_DIR ?? 'build/release',
                          'bin/malicious_hub_client');
const built = new URL('../../../gateway/web/lib/build/index.js', import.meta.url);
for (const each of [tool, built]) {
  if (existsSync(each)) continue;
  console.log(`skipped: ${each} is not built`);
  process.exit(77);
}

const below = (limit) => Math.floor(Math.random() * limit);
const oneOf = (items) => items[below(items.length)];
const CHARACTERS = [...'{}[]",:\\0123456789-+.eEtrufalsn \n\tAz=_/ñ😀\u0000'];
const VALUES = [
  '0', '1', '-1', '-0', '1.0', '1e2', '9007199254740993', '18446744073709551616', 'true', 'null',
  '""', '[]', '{}', '"\\u0061"', '"\\ud800"', '"\\ud83d\\ude00"',
];

// One thing of a JSON text: a character, the rest, a value, a member twice or not at all.
function spoil(text) {
  const at = below(text.length);
  const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d+)/g)];
  const members = [...text.matchAll(/"[a-z_]+":("(?:[^"\\]|\\.)*"|-?\d+),/g)];
  const replaced = ({0: found, index}, by) =>
      text.slice(0, index) + by + text.slice(index + found.length);
  return oneOf([
    () => text.slice(0, at) + oneOf(CHARACTERS) + text.slice(at + 1),
    () => text.slice(0, at) + oneOf(CHARACTERS) + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at),
    () => (values.length === 0 ? '' : replaced(oneOf(values), `:${oneOf(VALUES)}`)),
    () => {
      if (members.length === 0) return '';
      const member = oneOf(members);
      return replaced(member, oneOf(['', member[0] + member[0]]));
    },
  ])();
}

// Half of a character that was cut in two cannot be handed to the other program.
const whole = (text) => text.replace(/\p{Surrogate}/gu, '?');

// A finished statement, wrap or packet, whose signature or tag is then of something else.
function spoilFinished(text) {
  if (text.startsWith('{')) return spoil(text);
  const parts = text.split('.');
  const part = below(parts.length + 1);
  if (part === parts.length) return spoil(text);
  parts[part] = part === 2 ? spoil(parts[part]) : b64u(spoil(unb64u(parts[part]).toString()));
  return parts.join('.');
}

// Spoilt before it is signed or encrypted, so that all else is right; or when it is finished.
function spoiltExchange() {
  const world = newWorld();
  const {packet, wrap, them} = world;
  const places = [
    [them.lists[1], 'payloadText'], [them.lists[1], 'headerText'],
    [them.certificates[1], 'payloadText'], [world.laterRoots[0], 'payloadText'],
    [world.firstRoots[0], 'payloadText'], [packet, 'protectedText'], [wrap, 'protectedText'],
  ];
  const place = below(places.length + 2);
  if (place < places.length) places[place][0][places[place][1]] = spoil;
  const exchange = render(world);
  if (place < places.length) return exchange;
  const step = oneOf(exchange.steps);
  const member = oneOf(['statements', 'key_list', 'certificate', 'wrap', 'packet'].filter(
      (name) => name in step));
  const spoilWhole = (text) => whole(spoilFinished(text));
  step[member] = Array.isArray(step[member]) ? step[member].map(spoilWhole) :
                                               spoilWhole(step[member]);
  return exchange;
}

const library = clientOf(await import(built.href));
let differences = 0;
const outcomes = new Set();
async function compare(count) {
  const exchanges = Array.from({length: count}, spoiltExchange);
  const run = spawnSync(tool, [], {
    input: JSON.stringify(exchanges), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
    timeout: 300_000,
  });
  if (run.status !== 0) throw new Error(`malicious_hub_client: ${run.status} ${run.stderr}`);
  for (const [i, cpp] of JSON.parse(run.stdout).entries()) {
    outcomes.add(cpp.outcome);
    for (const difference of differenceOf(cpp, await library(exchanges[i]))) {
      ++differences;
      console.log(`FAILED: ${difference}\n        ${JSON.stringify(exchanges[i].steps[cpp.step])}`);
    }
  }
}

for (let left = CASES; left > 0; left -= BATCH) await compare(Math.min(left, BATCH));
console.log(`malicious hub, differential: ${CASES} exchanges spoilt at random, ${outcomes.size} ` +
            `different outcomes, ${differences} on which the clients differ`);
process.exit(differences === 0 && outcomes.size > 10 ? 0 : 1);
