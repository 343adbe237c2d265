// Machine clients of a real hub: requests signed (RFC 9421) by WebCrypto and put together here from
// the standard, not from the C++; and everything about them that must be refused.
import {spawnSync} from 'node:child_process';
import {createHash, randomBytes, webcrypto} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {startHub, uuidv7} from './hub_harness.mjs';
import {check, checkEqual, finish} from './seal_harness.mjs';

const {subtle} = webcrypto;
const hub = await startHub();
const {host, port} = new URL(hub.url);
const needs = '/fairlead.directory.v1.DirectoryService/ListNeeds';
const listReferrals = '/fairlead.referral.v1.ReferralService/ListReferrals';
const machineService = 'fairlead.identity.v1.MachineService';
const nowS = () => Math.floor(Date.now() / 1000);

// As it stands, whatever a client library would make of it. {status, reason, metadata, body}
function send({method = 'POST', target = needs, headers = {}, body = '{}'}) {
  return new Promise((resolve, reject) => {
    const request = http.request({host: '127.0.0.1', port, method, path: target, headers: {
      ...(method === 'POST' ? {'content-type': 'application/json'} : {}), host, ...headers}});
    request.on('error', reject);
    request.on('response', async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const json = text.startsWith('{') ? JSON.parse(text) : {};
      const info = json.details?.[0]?.debug ?? {};
      resolve({status: response.statusCode, reason: info.reason ?? '',
        metadata: info.metadata ?? {}, body: json});
    });
    request.end(method === 'POST' ? body : undefined);
  });
}

async function call(token, method, request) {
  const answer = await send({target: `/${method}`, body: JSON.stringify(request),
    headers: token ? {authorization: `Bearer ${token}`} : {}});
  if (answer.status !== 200) {
    throw new Error(`${method}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

async function signIn(name) {
  const person = hub.person(name);
  const {sessionToken} = await call('', 'fairlead.identity.v1.IdentityService/SignIn', {
    signInName: person.signInName, passphrase: hub.passphrase, totpCode: await person.totpCode()});
  return {...person, token: sessionToken};
}

async function newKey() {
  const pair = await subtle.generateKey({name: 'ECDSA', namedCurve: 'P-256'}, true,
      ['sign', 'verify']);
  const {kty, crv, x, y} = await subtle.exportKey('jwk', pair.publicKey);
  const thumbprint = createHash('sha256')
      .update(JSON.stringify({crv, kty, x, y})).digest('base64url');  // RFC 7638
  return {privateKey: pair.privateKey, jwk: {kty, crv, alg: 'ES256', use: 'sig', x, y}, thumbprint};
}

const components = ['@method', '@authority', '@path', '@query', 'content-digest'];

// The headers of a signed request. What `lies` names is signed instead of what is sent.
async function signed(key, {method = 'POST', target = needs, body = '{}'} = {}, lies = {}) {
  const [sentPath, query] = target.split('?');
  const digest = createHash('sha256').update(method === 'POST' ? body : '').digest('base64');
  const values = {
    '@method': method, '@authority': host, '@path': sentPath, '@query': `?${query ?? ''}`,
    'content-digest': `sha-256=:${digest}:`, ...lies.values,
  };
  const listed = lies.components ?? components;
  const parameters = lies.parameters ?? {
    created: lies.created ?? nowS(),
    ...(lies.expires ? {expires: lies.expires} : {}),
    nonce: lies.nonce ?? randomBytes(16).toString('base64url'),
    keyid: lies.keyid ?? key.thumbprint,
    alg: lies.alg ?? 'ecdsa-p256-sha256',
  };
  const text = `(${listed.map((each) => `"${each}"`).join(' ')})` +
      Object.entries(parameters).map(([name, value]) =>
        `;${name}=${typeof value === 'number' ? value : `"${value}"`}`).join('');
  const base = [...listed.map((each) => `"${each}": ${values[each] ?? ''}`),
    `"@signature-params": ${text}`].join('\n');
  const signature = await subtle.sign({name: 'ECDSA', hash: 'SHA-256'}, key.privateKey,
      Buffer.from(base));
  return {
    'content-digest': values['content-digest'],
    'signature-input': `sig=${text}`,
    'signature': `sig=:${Buffer.from(signature).toString('base64')}:`,
  };
}

async function attempt(key, request = {}, lies = {}) {
  return send({...request, headers: {...await signed(key, request, lies), ...request.headers}});
}
async function refused(what, answer, reason, metadata = {}) {
  const got = await answer;
  checkEqual(got.reason, reason, what);
  check(got.status >= 400, `${what}: status ${got.status}`);
  for (const [name, value] of Object.entries(metadata)) {
    checkEqual(got.metadata[name], value, `${what}: ${name}`);
  }
  return got;
}

const admin = await signIn('harbor.admin');
const neighbour = await signIn('northside.admin');
const create = async (who, label, key) => (await call(who.token,
    `${machineService}/CreateMachineClient`,
    {requestId: uuidv7(), label, signingJwk: JSON.stringify(key.jwk)})).machineClient;

const key = await newKey();
const theirs = await newKey();
const stranger = await newKey();
await refused('before it is registered', attempt(key), 'MACHINE_NOT_RECOGNISED');
const machine = await create(admin, 'case_system', key);
await create(neighbour, 'records', theirs);

// What is right is taken, whichever way it is written.
check((await attempt(key)).body.needs?.length > 10, 'a signed call is answered');
checkEqual((await attempt(key, {target: listReferrals, body: '{"box":"BOX_SENT"}'})).status, 200,
    'a system sees its agency\'s referrals');
const get = {method: 'GET', target: `${needs}?encoding=json&message=%7B%7D&connect=v1`};
checkEqual((await attempt(key, get)).status, 200, 'a signed GET');
checkEqual((await attempt(key, {}, {components: [...components].reverse()})).status, 200,
    'in another order');
checkEqual((await attempt(key, {}, {expires: nowS() + 5})).status, 200, 'with an end');

// Any part of the request changed after it was signed.
const digestOf = (body) => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
const unrecognised = 'MACHINE_NOT_RECOGNISED';
await refused('another body', send({headers: await signed(key), body: '{ }'}), 'SIGNATURE_INVALID',
    {check: 'content_digest'});
await refused('another body and its digest',
    send({headers: {...await signed(key), 'content-digest': digestOf('{ }')}, body: '{ }'}),
    unrecognised);
await refused('another path', send({headers: await signed(key), target: listReferrals}),
    unrecognised);
await refused('another query', send({...get, target: get.target + '&x=1',
  headers: await signed(key, get)}), unrecognised);
await refused('a query where there was none',
    send({headers: await signed(key), target: `${needs}?x=1`}), unrecognised);
await refused('another method', attempt(key, get, {values: {'@method': 'POST'}}), unrecognised);
await refused('another authority',
    send({headers: {...await signed(key), host: 'evil.example'}}), unrecognised);
await refused('no digest', send({headers: (({'content-digest': _, ...rest}) => rest)(
    await signed(key))}), 'SIGNATURE_INVALID', {check: 'content_digest'});
await refused('a digest by another hash',
    send({headers: {...await signed(key),
      'content-digest': `sha-512=:${createHash('sha512').update('{}').digest('base64')}:`}}),
    'SIGNATURE_INVALID', {check: 'content_digest'});

// Out of its time, or used before.
const late = await refused('too old', attempt(key, {}, {created: nowS() - 62}), 'SIGNATURE_TIME');
check(Math.abs(Date.parse(late.metadata.server_time) - Date.now()) < 30_000,
    'the refusal tells the hub\'s time');
await refused('from the future', attempt(key, {}, {created: nowS() + 90}), 'SIGNATURE_TIME');
await refused('past its own end', attempt(key, {}, {created: nowS() - 10, expires: nowS() - 5}),
    'SIGNATURE_TIME');
const once = await signed(key);
checkEqual((await send({headers: once})).status, 200, 'the first time');
await refused('the second time', send({headers: once}), 'SIGNATURE_REPLAYED');
const nonce = randomBytes(16).toString('base64url');
checkEqual((await attempt(key, {}, {nonce})).status, 200, 'a nonce');
await refused('the same nonce under a new signature', attempt(key, {}, {nonce}),
    'SIGNATURE_REPLAYED');
checkEqual((await attempt(theirs, {}, {nonce})).status, 200, 'another client\'s nonce is its own');
const many = await signed(key);
const raced = await Promise.all(Array.from({length: 8}, () => send({headers: many})));
checkEqual(raced.filter((each) => each.status === 200).length, 1, 'of eight at once, one counts');

// Somebody else's key.
await refused('another agency\'s key', attempt(theirs, {}, {keyid: key.thumbprint}), unrecognised);
await refused('nobody\'s key', attempt(stranger, {}, {keyid: key.thumbprint}), unrecognised);
await refused('an unknown key', attempt(stranger), unrecognised);

// A weaker signature than the profile has.
for (const left of components) {
  await refused(`without ${left}`,
      attempt(key, {}, {components: components.filter((each) => each !== left)}),
      'SIGNATURE_INVALID', {check: 'components'});
}
for (const parameter of ['created', 'nonce', 'keyid', 'alg']) {
  const all = {created: nowS(), nonce: randomBytes(16).toString('base64url'),
    keyid: key.thumbprint, alg: 'ecdsa-p256-sha256'};
  delete all[parameter];
  await refused(`without ${parameter}`, attempt(key, {}, {parameters: all}), 'SIGNATURE_INVALID',
      {check: parameter});
}
for (const alg of ['hmac-sha256', 'rsa-v1_5-sha256', 'ed25519', 'none', '']) {
  await refused(`alg "${alg}"`, attempt(key, {}, {alg}), 'SIGNATURE_INVALID', {check: 'alg'});
}
const first = await signed(key);
const second = await signed(theirs);
await refused('two signatures', send({headers: {...first,
  'signature-input': `${first['signature-input']}, b${second['signature-input']}`,
  'signature': `${first.signature}, b${second.signature}`}}),
'SIGNATURE_INVALID', {check: 'one_signature'});
checkEqual((await send({headers: {...first,
  'signature': [first.signature, second.signature]}})).status, 400, 'the header twice');
await refused('without the signature',
    send({headers: (({signature: _, ...rest}) => rest)(await signed(key))}),
    'SIGNATURE_INVALID', {check: 'missing'});
await refused('with a session too', send({headers: {...await signed(key),
  authorization: `Bearer ${admin.token}`}}), 'TWO_CREDENTIALS');
for (const [name, value] of [['x-client-cert', machine.id], ['x-forwarded-client-cert', 'Hash=1'],
  ['fairlead-actor', key.thumbprint], ['x-ssl-client-verify', 'SUCCESS']]) {
  await refused(`only a header: ${name}`, send({headers: {[name]: value}}), 'SIGN_IN_REQUIRED');
}

// What is for persons.
for (const [target, body] of [
  ['/fairlead.identity.v1.IdentityService/GetMe', {}],
  ['/fairlead.identity.v1.IdentityService/SignOut', {}],
  ['/fairlead.identity.v1.IdentityService/StepUp', {requestId: uuidv7()}],
  ['/fairlead.identity.v1.IdentityService/InviteStaff', {requestId: uuidv7()}],
  ['/fairlead.identity.v1.IdentityService/ListStaff', {agencyId: admin.agencyId}],
  ['/fairlead.identity.v1.KeyService/PublishKeyList', {requestId: uuidv7()}],
  ['/fairlead.identity.v1.KeyService/ListKeyWraps', {deviceId: uuidv7()}],
  ['/fairlead.consent.v1.ConsentService/CreateRelease', {requestId: uuidv7()}],
  ['/fairlead.referral.v1.ReferralService/OpenPacket', {referralId: uuidv7()}],
  ['/fairlead.audit.v1.AuditService/ExportAuditRecords', {requestId: uuidv7()}],
  [`/${machineService}/CreateMachineClient`, {requestId: uuidv7()}],
  [`/${machineService}/ListMachineClients`, {}],
]) {
  await refused(`${target} by a system`, attempt(key, {target, body: JSON.stringify(body)}),
      'ROLE_NOT_ALLOWED');
}

// The command line's own key and signatures.
const folder = mkdtempSync(path.join(os.tmpdir(), 'fairlead-machine-'));
const keyFile = path.join(folder, 'machine.jwk');
const fairlead = (...words) => spawnSync(hub.program, ['--url', hub.url, ...words],
    {encoding: 'utf8', timeout: 30_000, env: {...process.env, FAIRLEAD_HOME: folder}});
const made = fairlead('--json', 'machine', 'key', keyFile);
checkEqual(made.status, 0, `machine key: ${made.stderr}`);
checkEqual(statSync(keyFile).mode & 0o777, 0o600, 'the key file\'s mode');
check(!made.stdout.includes(JSON.parse(readFileSync(keyFile)).d), 'the private half is not shown');
const clerk = {...JSON.parse(made.stdout)};
const commandLine = await create(admin, 'command_line', {jwk: clerk});
for (let i = 0; i < 3; ++i) {
  const listed = fairlead('--machine', keyFile, '--json', 'directory', 'needs');
  checkEqual(listed.status, 0, `directory needs by a machine client: ${listed.stderr}`);
}
check(fairlead('--machine', keyFile, 'machine', 'list').stderr.includes('ROLE_NOT_ALLOWED'),
    'the command line by a system is no administrator');

// Disabled, and suspended: the next call is refused.
const disable = (who, id) => send({target: `/${machineService}/DisableMachineClient`,
  headers: {authorization: `Bearer ${who.token}`},
  body: JSON.stringify({requestId: uuidv7(), machineClientId: id})});
await refused('a stranger does not disable it', disable(neighbour, commandLine.id),
    'MACHINE_CLIENT_NOT_FOUND');
checkEqual((await disable(admin, commandLine.id)).status, 200, 'disabled');
check(fairlead('--machine', keyFile, 'directory', 'needs').stderr
    .includes('MACHINE_CLIENT_DISABLED'), 'a disabled client is told so');
rmSync(folder, {recursive: true, force: true});

const office = await signIn('office.coordinator');
const membership = 'fairlead.directory.v1.MembershipService';
await call(office.token, `${membership}/SuspendAgency`, {requestId: uuidv7(),
  agencyId: neighbour.agencyId, reason: 'MEMBERSHIP_REASON_SECURITY_INCIDENT'});
await refused('a suspended agency\'s', attempt(theirs), 'MACHINE_CLIENT_DISABLED');
checkEqual((await attempt(key)).status, 200, 'another agency\'s goes on');

// The trail: who let it in, and what it was refused. Refusals are gathered for a second.
async function trail(action) {
  for (let tries = 0; tries < 100; ++tries) {
    const {records = []} = await call(admin.token,
        'fairlead.audit.v1.AuditService/ListAuditRecords',
        {filter: {action, agencyId: admin.agencyId}, pageSize: 100});
    if (records.length > 0) return records;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [];
}
check((await trail('machine_client_created')).some((each) => each.recordId === machine.id),
    'the trail has who was let in');
check((await trail('machine_client_disabled')).some((each) => each.recordId === commandLine.id),
    'and who was kept out');
check((await trail('machine_client_refused')).some((each) => each.staffId === machine.id),
    'and what it was refused');

checkEqual(await hub.stop(), 0, 'exit code of the hub');
finish('machine clients, signed by WebCrypto');
