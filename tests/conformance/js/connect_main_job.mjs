// A stock Connect client (npm @connectrpc/connect-node) drives the main job through the gateway of
// a real hub, in JSON and in protobuf, signed in as the demonstration's people.
import {readFileSync} from 'node:fs';
import {buildDir, startHub} from './hub_harness.mjs';
import {codes, mainJob, refused} from './main_job.mjs';
import {checkEqual, finish, skip} from './seal_harness.mjs';

let protobuf;
let connect;
let createConnectTransport;
let FileDescriptorSetSchema;
try {
  protobuf = await import('@bufbuild/protobuf');
  ({FileDescriptorSetSchema} = await import('@bufbuild/protobuf/wkt'));
  connect = await import('@connectrpc/connect');
  ({createConnectTransport} = await import('@connectrpc/connect-node'));
} catch (error) {
  skip(`${error.code ?? error}: run \`npm ci\` in tests/conformance/js`);
}

const registry = protobuf.createFileRegistry(protobuf.fromBinary(
    FileDescriptorSetSchema, readFileSync(`${buildDir}/gen/fairlead.binpb`)));
const hub = await startHub();

function problemOf(error) {
  const infos = error.details.filter((each) => each.type === 'google.rpc.ErrorInfo');
  return Object.assign(new Error(String(error)), {
    code: error.code, reason: infos[0]?.debug?.reason, domain: infos[0]?.debug?.domain,
    metadata: infos[0]?.debug?.metadata, infos: infos.length,
  });
}

function caller(transport) {
  return async (who, method, request) => {
    const [serviceName, name] = method.split('/');
    const service = registry.getService(serviceName);
    const rpc = service.methods.find((each) => each.name === name);
    const headers = who ? {authorization: `Bearer ${who.token}`} : {};
    try {
      const answer = await connect.createClient(service, transport)[rpc.localName](
          protobuf.fromJson(rpc.input, request), {headers, timeoutMs: 20_000});
      return protobuf.toJson(rpc.output, answer);
    } catch (error) {
      throw error instanceof connect.ConnectError ? problemOf(error) : error;
    }
  };
}

const signIn = 'fairlead.identity.v1.IdentityService/SignIn';
for (const useBinaryFormat of [true, false]) {
  const call = caller(createConnectTransport({
    baseUrl: hub.url, httpVersion: '1.1', useBinaryFormat, useHttpGet: true,
  }));
  const enter = async (name) => {
    const member = hub.member(name);
    const {sessionToken} = await call(null, signIn, {
      signInName: member.signInName, passphrase: hub.passphrase, totpCode: await member.totpCode(),
    });
    return {...member, token: sessionToken};
  };
  const from = await enter('harbor');
  await mainJob(call, from, await enter('northside'), await enter('opendoor'));
  const wrong = {signInName: from.signInName, passphrase: 'not the passphrase', totpCode: '000000'};
  await refused(call(null, signIn, wrong), codes.unauthenticated, 'SIGN_IN_FAILED',
                'a wrong passphrase');
  await refused(call(null, signIn, {...wrong, passphrase: hub.passphrase, totpCode: ''}),
                codes.unauthenticated, 'SIGN_IN_FAILED', 'a passphrase alone');
  await refused(call(null, 'fairlead.referral.v1.ReferralService/ListReferrals', {box: 'BOX_SENT'}),
                codes.unauthenticated, 'SIGN_IN_REQUIRED', 'nobody signed in');
}

checkEqual(await hub.stop(), 0, 'exit code of the hub');
finish('npm @connectrpc/connect-node, main job');
