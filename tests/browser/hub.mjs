// A real hub for a browser, on a free port, in a folder of its own: an empty coalition, or the
// demonstration's.
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';

const program = path.resolve(process.env.FAIRLEAD_BUILD_DIR ?? 'build/release', 'bin/fairlead');
const readyWithinMs = 60_000;

// Passkeys are bound to the port as well, so the hub must know it beforehand.
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// {url, data, program, setUpCode, call(method, request, headers), stop()}
export async function startHub({demo = false} = {}) {
  if (!existsSync(program)) {
    console.log(`skipped: ${program} is not built`);
    process.exit(77);
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fairlead-browser-'));
  const data = path.join(folder, 'data');
  const port = await freePort();
  const words = ['up', '--data', data, '--listen', `127.0.0.1:${port}`];
  if (demo) words.push('--demo');
  const child = spawn(program, words, {stdio: ['ignore', 'pipe', 'ignore']});
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, {recursive: true, force: true});
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
  let url = '';
  for await (const line of createInterface({input: child.stdout})) {
    if (line.startsWith('ready ')) url = line.split(' ')[1];
    if (url) break;
  }
  clearTimeout(timer);
  if (!url) throw new Error('the hub did not get ready');
  child.stdout.resume();
  return {
    url,
    data,
    program,
    setUpCode: demo ? '' : readFileSync(path.join(data, 'setup-code'), 'utf8').trim(),
    async call(method, request, headers = {}) {
      const response = await fetch(`${url}/fairlead.identity.v1.${method}`, {
        method: 'POST',
        headers: {'content-type': 'application/json', ...headers},
        body: JSON.stringify(request),
      });
      return {status: response.status, body: await response.json()};
    },
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return exited;
    },
  };
}
