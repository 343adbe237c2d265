// Types of every message as Connect's JSON has it, from the contract in proto/: into build/types.
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, rmSync} from 'node:fs';
import path from 'node:path';

const app = path.resolve(import.meta.dirname, '..');
const protos = path.resolve(app, '../../../proto');
const out = path.join(app, 'build/types');

const files = readdirSync(protos, {recursive: true})
  .filter((name) => name.startsWith('fairlead/') && name.endsWith('.proto'))
  .sort();
rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
execFileSync('protoc', [
  '-I', protos, `--plugin=${path.join(app, 'node_modules/.bin/protoc-gen-es')}`,
  `--es_out=${out}`, '--es_opt=json_types=true,target=ts,import_extension=js', ...files,
], {stdio: 'inherit', cwd: protos});
