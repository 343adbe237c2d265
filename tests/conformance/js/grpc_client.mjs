// A stock gRPC client (npm @grpc/grpc-js) drives the main job over the hub's Unix socket, with
// actor assertions made here from the hub's key, by the description in
// services/common/auth/assertion.h.
import {createHash, createPrivateKey, randomBytes, sign} from 'node:crypto';
import {strict as assert} from 'node:assert';
import {startHub, uuidv7} from './hub_harness.mjs';
import {codes, mainJob, refused} from './main_job.mjs';
import {b64u, checkEqual, finish, skip} from './seal_harness.mjs';

let grpc;
let protoLoader;
try {
  ({default: grpc} = await import('@grpc/grpc-js'));
  ({default: protoLoader} = await import('@grpc/proto-loader'));
} catch (error) {
  skip(`${error.code ?? error}: run \`npm ci\` in tests/conformance/js`);
}

const definition = protoLoader.loadSync(
    [
      ...['identity', 'directory', 'consent', 'referral'].map(
          (each) => `fairlead/${each}/v1/${each}.proto`),
      'google/rpc/status.proto', 'google/rpc/error_details.proto',
    ],
    {includeDirs: ['proto'], longs: String, enums: String, defaults: true, oneofs: true});

const hub = await startHub();
const credentials = grpc.credentials.createInsecure();
const clients = new Map();
function clientOf(service) {
  if (!clients.has(service)) {
    const Client = grpc.makeGenericClientConstructor(definition[service], service);
    clients.set(service, new Client(`unix:${hub.socket}`, credentials));
  }
  return clients.get(service);
}

// The claims of services/common/auth/assertion.h, signed with EdDSA.
function mint(key, actor, changes = {}) {
  const thumb = JSON.stringify({crv: key.crv, kty: key.kty, x: key.x});
  const kid = createHash('sha256').update(thumb).digest('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'fairlead-hub', aud: 'fairlead', iat: now, exp: now + 60, jti: b64u(randomBytes(16)),
    knd: 'staff', sub: actor.staffId, agy: actor.agencyId, agk: actor.kind, mem: 3, rol: [1],
    sid: actor.sessionId, asr: 3, ...changes,
  };
  const header = {alg: 'EdDSA', typ: 'fairlead-actor+jwt', kid};
  const input = `${b64u(JSON.stringify(header))}.${b64u(JSON.stringify(claims))}`;
  const signature = sign(null, Buffer.from(input), createPrivateKey({key, format: 'jwk'}));
  return `${input}.${b64u(signature)}`;
}

function problemOf(error) {
  const details = error.metadata?.get('grpc-status-details-bin') ?? [];
  // The bundled google.protobuf.Any keeps the names of its fields as they are in proto.
  const infos = details
      .flatMap((bytes) => definition['google.rpc.Status'].deserialize(bytes).details)
      .filter((each) => each.type_url.endsWith('/google.rpc.ErrorInfo'))
      .map((each) => definition['google.rpc.ErrorInfo'].deserialize(each.value));
  return Object.assign(new Error(`${error.code} ${infos[0]?.reason} ${error.details}`), {
    code: error.code, reason: infos[0]?.reason, domain: infos[0]?.domain,
    metadata: infos[0]?.metadata, infos: infos.length,
  });
}

function callWith(assertion, method, request, deadlineMs = 20_000) {
  const [service, name] = method.split('/');
  const metadata = new grpc.Metadata();
  if (assertion) metadata.set('fairlead-actor', assertion);
  const options = deadlineMs ? {deadline: Date.now() + deadlineMs} : {};
  return new Promise((resolve, reject) => {
    clientOf(service)[name](request, metadata, options, (error, response) => {
      if (error) reject(problemOf(error));
      else resolve(response);
    });
  });
}
const call = (who, method, request) =>
    callWith(mint(hub.assertionKey, who), method, request);

const member = (name, kind) =>
    ({...hub.member(name), kind, staffId: uuidv7(), sessionId: uuidv7()});
const from = member('harbor', 1);
const to = member('northside', 2);
const third = member('opendoor', 4);

await mainJob(call, from, to, third);

// Who is calling is never taken on trust.
const getMine = ['fairlead.referral.v1.ReferralService/ListReferrals', {box: 'BOX_SENT'}];
await refused(callWith('', ...getMine), codes.unauthenticated, 'SIGN_IN_REQUIRED',
              'no assertion');
const now = Math.floor(Date.now() / 1000);
const good = mint(hub.assertionKey, from);
const [head, body, signature] = good.split('.');
const otherBody = b64u(Buffer.from(body, 'base64url').toString().replace('"rol":[1]', '"rol":[4]'));
assert.notEqual(otherBody, body);
const forgeries = {
  'a changed claim': `${head}.${otherBody}.${signature}`,
  'a header with another alg':
      `${b64u('{"alg":"none","typ":"fairlead-actor+jwt"}')}.${body}.`,
  'a claim nobody knows': mint(hub.assertionKey, from, {adm: true}),
  'a longer life': mint(hub.assertionKey, from, {exp: now + 3600}),
  'another audience': mint(hub.assertionKey, from, {aud: 'other'}),
};
for (const [what, assertion] of Object.entries(forgeries)) {
  await refused(callWith(assertion, ...getMine), codes.unauthenticated,
                'ACTOR_ASSERTION_INVALID', what);
}
await refused(callWith(mint(hub.assertionKey, from, {iat: now - 120, exp: now - 60}), ...getMine),
              codes.unauthenticated, 'ACTOR_ASSERTION_EXPIRED', 'an old assertion');
await refused(callWith(good, ...getMine, 0), codes.invalidArgument, 'DEADLINE_REQUIRED',
              'no deadline');
await refused(callWith(good, 'fairlead.consent.v1.ConsentService/IssueCustodyKeys', {}),
              codes.permissionDenied, 'SERVICES_ONLY', 'a method for services');

for (const client of clients.values()) client.close();
checkEqual(await hub.stop(), 0, 'exit code of the hub');
finish('npm @grpc/grpc-js');
