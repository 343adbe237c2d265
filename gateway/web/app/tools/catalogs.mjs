// The catalogs of words must hold the same keys with the same arguments in every language, and
// nothing that no page uses. (That no page uses a key that is missing, the compiler sees.)
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

const source = path.resolve(import.meta.dirname, '../src');
const read = (language) =>
  JSON.parse(readFileSync(path.join(source, 'words', `${language}.json`), 'utf8'));
const argumentsOf = (text) =>
  [...new Set([...text.matchAll(/\{(\w+)\s*[,}]/g)].map((match) => match[1]))].sort().join(' ');

const en = read('en');
const es = read('es');
const faults = [];
for (const key of new Set([...Object.keys(en), ...Object.keys(es)])) {
  if (!(key in en) || !(key in es)) faults.push(`${key}: in one language only`);
  else if (argumentsOf(en[key]) !== argumentsOf(es[key])) faults.push(`${key}: other arguments`);
  else if (!en[key].trim() || !es[key].trim()) faults.push(`${key}: empty`);
}
const code = readdirSync(source, {recursive: true})
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(path.join(source, name), 'utf8'))
  .join('\n');
// Families of codes, "state.open", are looked up by what the hub says.
const families = [...code.matchAll(/coded\('([a-z]+)'/g)].map((match) => `${match[1]}.`);
for (const key of Object.keys(en)) {
  if (families.some((family) => key.startsWith(family))) continue;
  if (!code.includes(`'${key}'`)) faults.push(`${key}: no page uses it`);
}
if (faults.length > 0) {
  console.error(`The catalogs of words do not fit together:\n  ${faults.join('\n  ')}`);
  process.exit(1);
}
