// The policy table in C++ against the same rules in Cedar, decision by decision.
//
// authority_cases prints cases with the C++ answer; each is put to Cedar. 0 differences, or it
// fails. Then one row of the table is altered in memory, and the comparison must notice.
//
//   node tests/authority/policies.mjs            one of each class of callers and records, and
//                                                100,000 random cases
//   node tests/authority/policies.mjs --long     every kind, membership and set of relations, and
//                                                5,000,000 random cases
//   AUTHORITY_SEED=… repeats the random cases of an earlier run.
import {spawn, spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {createInterface} from 'node:readline';

const here = path.dirname(new URL(import.meta.url).pathname);
const tool = path.resolve(process.env.FAIRLEAD_BUILD_DIR ?? 'build/release', 'bin/authority_cases');

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}
if (!existsSync(tool)) skip(`${tool} is not built`);
if (!existsSync(path.join(here, 'node_modules'))) {
  skip('npm ci has not been run in tests/authority');
}
const cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs');

const CALLERS = ['anonymous', 'person', 'service', 'machine'];
const SERVICES = ['', 'identity', 'directory', 'consent', 'referral', 'gateway', 'hub', 'audit'];
const ROLES = ['caseworker', 'hotline_operator', 'agency_admin', 'coordinator', 'auditor',
  'integration'];
const KINDS = ['', 'victim_service_provider', 'health_provider', 'part2_program', 'legal_services',
  'law_enforcement', 'government', 'hotline', 'coalition_office', 'other'];
const MEMBERSHIPS = ['', 'applied', 'sponsored', 'active', 'suspended', 'departed'];
const RELATIONS = ['self', 'own_agency', 'sender', 'recipient', 'discloser'];
const STATES = ['', 'draft', 'waiting', 'accepted', 'ended'];
// What an enumeration of classes takes for each kind and membership: see CheckClasses.
const CLASS_KINDS = ['hotline', 'law_enforcement', 'coalition_office'];
const CLASS_MEMBERSHIPS = ['', 'active', 'suspended', 'departed'];

const problems = [];
const complain = (what) => {
  problems.push(what);
  if (problems.length <= 20) console.error(`FAILED: ${what}`);
};

function run(...args) {
  const done = spawnSync(tool, args, {encoding: 'utf8', timeout: 30_000});
  if (done.status !== 0) throw new Error(`authority_cases ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.trim().split('\n');
}

const verbs = run('verbs').map((line) => line.split(' ')[1]);
const schema = readFileSync(path.join(here, 'schema.cedarschema'), 'utf8');
const text = readFileSync(path.join(here, 'policies.cedar'), 'utf8');

// The policies fit their schema, and speak of the same verbs as the table.
function checkPolicies() {
  const answer = cedar.validate({schema, policies: {staticPolicies: text}});
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
  for (const error of answer.validationErrors) complain(`policies.cedar: ${error.error.message}`);
  const named = new Set(Object.keys(cedar.schemaToJson(schema).json.Fairlead.actions));
  for (const verb of verbs) if (!named.has(verb)) complain(`no Cedar action for ${verb}`);
  for (const verb of named) if (!verbs.includes(verb)) complain(`no row for Cedar's ${verb}`);
}

// One of a class stands for the others only if no policy names the others.
function checkClasses() {
  const rest = [...KINDS.filter((one) => one && !CLASS_KINDS.includes(one)),
    ...MEMBERSHIPS.filter((one) => one && !CLASS_MEMBERSHIPS.includes(one))];
  for (const one of rest) {
    if (text.includes(`"${one}"`)) complain(`policies.cedar names "${one}": widen the classes`);
  }
}

// Cedar copies the policies it is given at every call. A policy whose head names other actions can
// never apply: so each action gets those whose head names it, or none.
function policiesByVerb() {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type !== 'success') throw new Error(JSON.stringify(parts.errors));
  const sets = new Map(verbs.map((verb) => [verb, []]));
  for (const policy of parts.policies) {
    const {action} = cedar.policyToJson(policy).json;
    const heads = action.op === 'All' ? verbs
      : (action.entities ?? [action.entity]).map((one) => (one.__entity ?? one).id);
    for (const verb of heads) sets.get(verb)?.push(policy);
  }
  for (const [verb, policies] of sets) {
    const parsed = cedar.preparsePolicySet(verb, {staticPolicies: policies.join('\n')});
    if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors));
  }
}

const CALLER = {type: 'Fairlead::Caller', id: 'caller'};
const RECORD = {type: 'Fairlead::Record', id: 'record'};
const bitsOf = (mask, names) => names.filter((_, bit) => (mask >> bit) & 1);

function askCedar(c) {
  const [verb, caller, claims, through, roles, kind, membership, assurance, relations, state,
    release] = c;
  const answer = cedar.statefulIsAuthorized({
    principal: CALLER,
    action: {type: 'Fairlead::Action', id: verbs[verb]},
    resource: RECORD,
    context: {through: SERVICES[through], release_in_force: release === 1},
    entities: [
      {uid: CALLER,
        attrs: {kind: CALLERS[caller], service: SERVICES[claims], roles: bitsOf(roles, ROLES),
          agency_kind: KINDS[kind], membership: MEMBERSHIPS[membership], assurance},
        parents: []},
      {uid: RECORD, attrs: {relations: bitsOf(relations, RELATIONS), state: STATES[state]},
        parents: []},
    ],
    preparsedPolicySetId: verbs[verb],
  });
  if (answer.type !== 'success' || answer.response.diagnostics.errors.length > 0) {
    throw new Error(`Cedar cannot answer: ${JSON.stringify(answer)}`);
  }
  return answer.response.decision === 'allow' ? 1 : 0;
}

function inWords(c) {
  return `${verbs[c[0]]} by ${CALLERS[c[1]]} "${SERVICES[c[2]]}" through "${SERVICES[c[3]]}" ` +
    `roles [${bitsOf(c[4], ROLES)}] kind "${KINDS[c[5]]}" membership "${MEMBERSHIPS[c[6]]}" ` +
    `assurance ${c[7]} relations [${bitsOf(c[8], RELATIONS)}] state "${STATES[c[9]]}" ` +
    `release ${c[10]}`;
}

// Puts every case to Cedar. {cases, differences, first, allowed: cases allowed by verb}.
async function compare(args, onlyVerb) {
  const found = {cases: 0, differences: 0, first: '', allowed: verbs.map(() => 0)};
  const child = spawn(tool, args, {stdio: ['ignore', 'pipe', 'inherit']});
  const ended = new Promise((resolve) => child.on('close', resolve));
  for await (const line of createInterface({input: child.stdout})) {
    const c = line.split(' ').map(Number);
    if (onlyVerb !== undefined && verbs[c[0]] !== onlyVerb) continue;
    ++found.cases;
    found.allowed[c[0]] += c[11];
    if (askCedar(c) === c[11]) continue;
    ++found.differences;
    found.first ||= `${inWords(c)}: the table says ${c[11] ? 'yes' : 'no'}, Cedar says otherwise`;
  }
  const code = await ended;
  if (code !== 0) throw new Error(`authority_cases ${args.join(' ')} exited with ${code}`);
  return found;
}

async function expectSame(name, args, atLeast) {
  const start = Date.now();
  const found = await compare(args);
  console.log(`${name}: ${found.cases} cases, ${found.differences} differences, ` +
    `${Math.round((Date.now() - start) / 1000)} s`);
  if (found.differences > 0) complain(`${name}: ${found.differences} differences; ${found.first}`);
  if (found.cases < atLeast) complain(`${name}: only ${found.cases} cases`);
  verbs.forEach((verb, i) => {
    if (found.allowed[i] === 0) complain(`${name}: ${verb} was never allowed`);
  });
}

// A comparison that cannot fail shows nothing: one row altered must be seen.
async function expectNoticed(verb) {
  const found = await compare(['--break', verb, 'classes'], verb);
  console.log(`with ${verb} broken: ${found.differences} differences in ${found.cases} cases`);
  if (found.differences === 0) complain(`the altered row of ${verb} was not noticed`);
}

const long = process.argv.includes('--long');
const seed = process.env.AUTHORITY_SEED ?? String(process.pid * 65537 + (Date.now() % 65537));
checkPolicies();
if (!long) checkClasses();
policiesByVerb();
await expectSame('enumeration', [long ? 'whole' : 'classes'], 100_000);
const randomCases = long ? 5_000_000 : 100_000;
await expectSame(`random (AUTHORITY_SEED=${seed})`, ['random', seed, String(randomCases)],
  randomCases);
for (const verb of ['AcceptOffer', 'OpenPacket', 'ResealPacket']) await expectNoticed(verb);
console.log(problems.length === 0 ? 'the table and Cedar agree' : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
