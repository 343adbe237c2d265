// After the build: every file beside its two compressed forms, the list of hashes that the gateway
// serves by and that anybody can check a client against, and the budget.
import {createHash} from 'node:crypto';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

// gzip, KiB: what the page loads at first, all of it together, and a part that comes later.
const budgetKib = {style: 15, first: 130, later: 20};

function compressed(bytes) {
  return {
    br: zlib.brotliCompressSync(bytes, {
      params: {[zlib.constants.BROTLI_PARAM_QUALITY]: 11,
               [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length},
    }),
    gz: zlib.gzipSync(bytes, {level: 9}),
  };
}

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('base64url');

function checkBudget(files, page) {
  const check = (what, bytes) => {
    const kib = bytes / 1024;
    if (kib > budgetKib[what]) {
      throw new Error(`${what}: ${kib.toFixed(1)} KiB gzip, the budget is ${budgetKib[what]}`);
    }
  };
  const sum = (some) => some.reduce((bytes, file) => bytes + file.gzipBytes, 0);
  const scripts = files.filter((file) => file.path.endsWith('.js'));
  check('style', sum(files.filter((file) => file.path.endsWith('.css'))));
  check('first', sum(scripts.filter((file) => page.includes(file.path))));
  for (const script of scripts.filter((file) => !page.includes(file.path))) {
    check('later', script.gzipBytes);
  }
}

export function finish() {
  let folder = '';
  return {
    name: 'fairlead-finish',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir;
    },
    closeBundle() {
      const names = readdirSync(folder, {recursive: true, withFileTypes: true})
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort();
      const files = names.map((name) => {
        const bytes = readFileSync(path.join(folder, name));
        const forms = compressed(bytes);
        const file = {
          path: name, bytes: bytes.length, gzipBytes: forms.gz.length, sha256: hashOf(bytes),
        };
        for (const [suffix, form] of Object.entries(forms)) {
          writeFileSync(path.join(folder, `${name}.${suffix}`), form);
          file[suffix] = hashOf(form);
        }
        return file;
      });
      checkBudget(files, readFileSync(path.join(folder, 'index.html'), 'utf8'));
      const list = {
        algorithm: 'sha256-base64url',
        files: files.map(({gzipBytes: _, ...file}) => file),
      };
      // Last: without it nothing of the folder is served.
      writeFileSync(path.join(folder, 'hashes.json'), `${JSON.stringify(list, null, 1)}\n`);
    },
  };
}
