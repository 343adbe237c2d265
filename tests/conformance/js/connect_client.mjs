// A stock Connect client (npm @connectrpc/connect-node) against the gateway: JSON and binary, POST
// and GET, errors with their details, deadlines, server-sent events, and the OpenAPI document.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { strict as assert } from 'node:assert';

const build = process.env.FAIRLEAD_BUILD_DIR ?? 'build/release';
let createFileRegistry, fromBinary, FileDescriptorSetSchema;
let createClient, Code, ConnectError, createConnectTransport, Validator;
try {
  ({ createFileRegistry, fromBinary } = await import('@bufbuild/protobuf'));
  ({ FileDescriptorSetSchema } = await import('@bufbuild/protobuf/wkt'));
  ({ createClient, Code, ConnectError } = await import('@connectrpc/connect'));
  ({ createConnectTransport } = await import('@connectrpc/connect-node'));
  ({ Validator } = await import('@seriousme/openapi-schema-validator'));
} catch (error) {
  console.log(`skipped: ${error.code ?? error}: run \`npm ci\` in tests/conformance/js`);
  process.exit(77);
}

const set = fromBinary(FileDescriptorSetSchema, readFileSync(`${build}/gen/fairlead.binpb`));
const registry = createFileRegistry(set);
const identity = registry.getService('fairlead.identity.v1.IdentityService');
const directory = registry.getService('fairlead.directory.v1.DirectoryService');
const referral = registry.getService('fairlead.referral.v1.ReferralService');

const agencyId = '0190f000-0000-7000-8000-0000000000a1';
const passphrase = 'a long enough passphrase';

const server = spawn(`${build}/bin/gateway_toy`, { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const { url, token } = JSON.parse((await lines.next()).value);

const withToken = (value) => (next) => (request) => {
  request.header.set('authorization', `Bearer ${value}`);
  return next(request);
};
const clients = (options, value) => {
  const transport = createConnectTransport({
    baseUrl: url, httpVersion: '1.1', interceptors: value ? [withToken(value)] : [], ...options,
  });
  return {
    identity: createClient(identity, transport),
    directory: createClient(directory, transport),
    referral: createClient(referral, transport),
  };
};

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    const detail = error.details.find((each) => each.type === 'google.rpc.ErrorInfo');
    return { code: error.code, reason: detail?.debug?.reason, bytes: detail?.value };
  }
  assert.fail('the call was not refused');
}

const tests = {
  async everyEncoding() {
    for (const useBinaryFormat of [true, false]) {
      for (const useHttpGet of [true, false]) {
        const anyone = clients({ useBinaryFormat, useHttpGet });
        const signedIn = await anyone.identity.signIn({ signInName: 'ana', passphrase });
        assert.equal(signedIn.sessionToken.length, 43);
        const mine = clients({ useBinaryFormat, useHttpGet }, signedIn.sessionToken);
        const me = await mine.identity.getMe({});
        assert.equal(me.staff.agencyId, agencyId);
        const keys = await mine.identity.getAgencyKeys({ agencyId, epoch: 987654n });
        assert.equal(keys.keys.epoch, 987654n);
        assert.equal(keys.keys.createTime.seconds, 1700000000n);
        const found =
            await mine.directory.searchServices({ text: 'é ü 中 😀', needCode: 'shelter' });
        assert.equal(found.services[0].name, 'Refugio Ñandú é ü 中 😀');
        assert.deepEqual(found.services[0].needCodes, ['shelter']);
        const content = new Uint8Array(2_000_000).fill(255);
        const imported = await mine.directory.importListings({
          requestId: '0190f000-0000-7000-8000-0000000000d1', agencyId, format: 1,
          files: [{ name: 'services.csv', content }],
        });
        assert.equal(imported.created, 2_000_000);
        await mine.identity.signOut({});
        assert.equal((await refusal(() => mine.identity.getMe({}))).reason, 'SESSION_INVALID');
      }
    }
  },

  async errorsCarryTheirDetails() {
    for (const useBinaryFormat of [true, false]) {
      const anyone = clients({ useBinaryFormat });
      const mine = clients({ useBinaryFormat }, token);
      const cases = [
        [() => anyone.identity.signIn({ signInName: 'ana', passphrase: 'wrong' }),
          Code.Unauthenticated, 'SIGN_IN_FAILED'],
        [() => anyone.identity.signIn({ signInName: 'too.eager', passphrase: 'x' }),
          Code.ResourceExhausted, 'TOO_MANY_ATTEMPTS'],
        [() => anyone.identity.getMe({}), Code.Unauthenticated, 'SIGN_IN_REQUIRED'],
        [() => mine.directory.searchServices({ county: '1' }), Code.InvalidArgument,
          'INVALID_COUNTY'],
        [() => mine.directory.searchServices({ pageSize: 101 }), Code.InvalidArgument,
          'OUT_OF_RANGE'],
        [() => mine.identity.checkSession({ sessionToken: token }), Code.Unimplemented,
          'UNKNOWN_METHOD'],
        [() => mine.referral.getReferral({ referralId: 'x' }), Code.InvalidArgument, 'INVALID_ID'],
      ];
      for (const [call, code, reason] of cases) {
        const refused = await refusal(call);
        assert.equal(refused.code, code, reason);
        assert.equal(refused.reason, reason);
        // field 1 of ErrorInfo is the reason
        const first = refused.bytes.slice(2, 2 + refused.bytes[1]);
        assert.equal(new TextDecoder().decode(first), reason);
      }
    }
  },

  async deadlinesAndCancellation() {
    const mine = clients({}, token);
    const referralId = '0190f000-0000-7000-8000-0000000000c1';
    const late = await refusal(() => mine.referral.getReferral({ referralId }, { timeoutMs: 150 }));
    assert.equal(late.code, Code.DeadlineExceeded);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    const gone = await refusal(
        () => mine.referral.getReferral({ referralId }, { signal: abort.signal }));
    assert.equal(gone.code, Code.Canceled);
  },

  async manyAtOnce() {
    const mine = clients({}, token);
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) =>
      mine.directory.searchServices({ text: String(i) })));
    answers.forEach((each, i) => assert.equal(each.services[0].name, `Refugio Ñandú ${i}`));
  },

  async eventsArrive() {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/events`, { headers });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (wanted) => {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        assert.ok(!done, `the stream ended before ${wanted}`);
        text += value;
      }
    };
    await until('event: ready');
    server.stdin.write('event 0190f000-0000-7000-8000-0000000000e1\n');
    await until('"referralId":"0190f000-0000-7000-8000-0000000000e1"');
    const block = text.split('\n\n').find((each) => each.includes('fairlead.referral.sent.v1'));
    const data = JSON.parse(block.split('\n').find((line) => line.startsWith('data: ')).slice(6));
    assert.deepEqual(Object.keys(data).sort(), ['data', 'id', 'source', 'subject', 'time', 'type']);
    await reader.cancel();
  },

  async openApiIsValid() {
    const servicesOnly = new Set(
      ['CheckMachineClient', 'CheckSession', 'CloseAgencyAccess', 'CloseAgencyOffers',
        'CreateAgency']);
    const document = await (await fetch(`${url}/openapi.json`)).json();
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
    assert.equal(validator.version, '3.1');
    for (const reference of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
      assert.ok(reference[1].startsWith('#/'), reference[1]);
    }
    const paths = Object.keys(document.paths);
    for (const service of [identity, directory, referral]) {
      for (const method of service.methods) {
        const path = `/${service.typeName}/${method.name}`;
        assert.equal(paths.includes(path), !servicesOnly.has(method.name), path);
      }
    }
    const send = document.paths['/fairlead.referral.v1.ReferralService/SendReferral'].post;
    assert.ok(send.description.includes('PACKET_RECIPIENT_MISMATCH'), 'comments are descriptions');
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`ok ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}
server.stdin.end();
process.exit(failed === 0 ? 0 : 1);
