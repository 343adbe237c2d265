// Every attack of a malicious hub against both clients, the C++ side and the web app's library:
// each attack is made anew with fresh keys, both clients run the very same exchange, and each must
// refuse it for the reason that is expected and accept the honest exchange that it was made from.
import {spawnSync} from 'node:child_process';
import {webcrypto} from 'node:crypto';
import {existsSync} from 'node:fs';
import path from 'node:path';

import {attacks} from './attacks.mjs';
import {clientOf} from './client.mjs';
import {differenceOf, faultsOf} from './verdict.mjs';
import {exchanges} from './world.mjs';

globalThis.crypto ??= webcrypto;  // Node 18

const LEAST_ATTACKS = 40;
const tool = path.resolve(process.env.FAIRLEAD_BUILD_DIR ?? 'build/release',
                          'bin/malicious_hub_client');
const built = new URL('../../../gateway/web/lib/build/index.js', import.meta.url);
for (const each of [tool, built]) {
  if (existsSync(each)) continue;
  console.log(`skipped: ${each} is not built`);
  process.exit(77);
}

function runCpp(input) {
  const run = spawnSync(tool, [], {
    input: JSON.stringify(input), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 120_000,
  });
  if (run.status !== 0) throw new Error(`malicious_hub_client: ${run.status} ${run.stderr}`);
  return JSON.parse(run.stdout);
}

const runLibrary = clientOf(await import(built.href));
const made = attacks.map(exchanges);
const cpp = runCpp(made.flatMap(({control, attack}) => [control, attack]));
const faults = [];
for (const [i, attack] of attacks.entries()) {
  const library = [await runLibrary(made[i].control), await runLibrary(made[i].attack)];
  const ours = cpp.slice(2 * i, 2 * i + 2);
  const found = [
    ...faultsOf(attack, ...ours).map((fault) => `C++ ${fault}`),
    ...faultsOf(attack, ...library).map((fault) => `TypeScript ${fault}`),
    ...differenceOf(ours[0], library[0]),
    ...differenceOf(ours[1], library[1]),
  ];
  console.log(`${found.length === 0 ? 'refused' : 'FAILED '}  ${attack.area}: ` +
              `${attack.name.replace(`${attack.area}: `, '')}  (${attack.expect})`);
  for (const fault of found) {
    faults.push(`${attack.name}: ${fault}`);
    console.log(`         ${fault}`);
  }
}
if (new Set(attacks.map((each) => each.name)).size !== attacks.length) {
  faults.push('two attacks have one name');
}
if (attacks.length < LEAST_ATTACKS) faults.push('the list of attacks has been cut short');
console.log(`malicious hub: ${attacks.length} attacks against 2 clients, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
