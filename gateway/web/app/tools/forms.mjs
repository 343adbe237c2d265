// The release form that a client signs, from the one place that has it
// (gateway/cli/release_form.cc): a change of one letter is another form, and its hash is in the
// release.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const app = path.resolve(import.meta.dirname, '..');
const source = readFileSync(path.resolve(app, '../../cli/release_form.cc'), 'utf8');
const forms = [...source.matchAll(/\{"(fairlead-(en|es)-\d+)", R"\(([^]*?)\)"\}/g)]
  .map(([, version, language, text]) => ({version, language, text}));
if (forms.map((form) => form.language).sort().join() !== 'en,es') {
  throw new Error('release_form.cc has no longer one form in English and one in Spanish');
}
mkdirSync(path.join(app, 'build'), {recursive: true});
writeFileSync(path.join(app, 'build/forms.json'), JSON.stringify(forms, null, 1));
