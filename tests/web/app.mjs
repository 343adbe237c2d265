// Where the app is: at the hub; or, with FAIRLEAD_APP_PREVIEW, as Vite shows what was built last in
// front of the hub, so that who works at the app need not build the hub.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import path from 'node:path';

import {freePort} from '../browser/hub.mjs';

const folder = path.resolve(import.meta.dirname, '../../gateway/web/app');

async function preview(hub) {
  const port = await freePort();
  const vite = path.join(folder, 'node_modules/.bin/vite');
  const words = ['preview', '--port', String(port), '--strictPort', '--host', '127.0.0.1'];
  const child = spawn(vite, words, {
    cwd: folder, env: {...process.env, FAIRLEAD_URL: hub.url, NO_COLOR: '1'},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  for await (const line of createInterface({input: child.stdout})) {
    if (line.includes('Local')) break;
  }
  child.stdout.resume();
  return `http://127.0.0.1:${port}/app/`;
}

export async function findApp(hub) {
  if (process.env.FAIRLEAD_APP_PREVIEW) return preview(hub);
  const response = await fetch(`${hub.url}/app/`);
  if (response.status !== 200) {
    console.log('skipped: the app is not built (./fairlead up builds it)');
    process.exit(77);
  }
  return `${hub.url}/app/`;
}
