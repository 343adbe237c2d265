// What the main-job checks share: a real hub with the demonstration coalition, in a folder of its
// own, and two of its agencies with their private keys.
import {spawn} from 'node:child_process';
import {createHmac, randomBytes} from 'node:crypto';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';

export const buildDir = process.env.FAIRLEAD_BUILD_DIR ?? 'build/release';
const program = path.resolve(buildDir, 'bin/fairlead');
const readyWithinMs = 60_000;
const stopWithinMs = 20_000;

// RFC 9562, section 5.7.
export function uuidv7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
      .join('-');
}

const stepMs = 30_000;

// RFC 6238 over the secret of an otpauth:// URI.
function totpCode(uri, step) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...new URL(uri).searchParams.get('secret')]
      .map((each) => alphabet.indexOf(each).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const number = mac.readUInt32BE(mac[mac.length - 1] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

// A code that has not been given out here. The hub takes that of the next 30 s too; for a third one
// within the same 30 s it has to be waited for.
const lastSteps = new Map();
async function nextCode(uri) {
  const step = Math.max((lastSteps.get(uri) ?? 0) + 1, Math.floor(Date.now() / stepMs));
  lastSteps.set(uri, step);
  const early = (step - 1) * stepMs - Date.now();
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  return totpCode(uri, step);
}

async function firstReadyLine(child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
  const lines = createInterface({input: child.stdout});
  try {
    for await (const line of lines) {
      if (line.startsWith('ready ')) return line.split(' ')[1];
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error('the hub did not get ready');
}

// {url, program, socket, assertionKey, passphrase, person(name), member(key), stop()}
export async function startHub() {
  if (!existsSync(program)) {
    console.log(`skipped: ${program} is not built`);
    process.exit(77);
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fairlead-'));
  const data = path.join(folder, 'data');
  const child = spawn(program, ['up', '--demo', '--data', data, '--listen', '127.0.0.1:0'],
                      {stdio: ['ignore', 'pipe', 'ignore']});
  const exited = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, {recursive: true, force: true});
  });
  const url = await firstReadyLine(child);
  child.stdout.resume();
  const signIns = JSON.parse(readFileSync(path.join(data, 'demo/sign-ins.json')));
  const key = (id, use) => JSON.parse(readFileSync(path.join(data, `demo/keys/${id}.${use}.jwk`)));
  const person = (signInName) => {
    const found = signIns.people.find((each) => each.sign_in_name === signInName);
    if (!found) throw new Error(`nobody is ${signInName}`);
    return {
      signInName,
      totpCode: () => nextCode(found.totp_uri),
      agencyId: found.agency_id,
    };
  };
  return {
    url,
    program,
    // Anybody of the demonstration: "harbor.admin".
    person,
    socket: path.join(data, 'run/hub.sock'),
    assertionKey: JSON.parse(readFileSync(path.join(data, 'keys/assertion.jwk'))),
    passphrase: signIns.passphrase,
    // The caseworker of a demonstration agency: "harbor".
    member(name) {
      const caseworker = person(`${name}.caseworker`);
      return {
        ...caseworker,
        epoch: key(caseworker.agencyId, 'epoch'),
        signing: key(caseworker.agencyId, 'signing'),
      };
    },
    // SIGTERM; the exit code.
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      child.kill('SIGTERM');
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
