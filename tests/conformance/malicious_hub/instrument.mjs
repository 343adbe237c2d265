// A copy of the web app's library with a switch at each of its checks, so that one at a time can be
// left out.
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

// Calls that only check. Others (textOf, integerOf…) return what they have checked; the refusals
// inside them have switches too.
const CHECKS = [
  'refuse', 'refuseList', 'expectText', 'checkMembers', 'checkSignature', 'checkDistinct',
  'checkHistory', 'checkEpoch', 'checkAgencyKey', 'checkListed', 'checkName', 'checkOwnKeys',
  'checkPublicKey', 'checkPrivateKey',
].join('|');
const CALL = new RegExp(`(?<!function |[\\w.])(?:${CHECKS})\\(`);

function closingParenthesis(text, open) {
  for (let at = open, depth = 0; at < text.length; ++at) {
    if (text[at] === '(') ++depth;
    if (text[at] === ')' && --depth === 0) return at;
  }
  throw new Error('a parenthesis without its other half');
}

/** `name(…)` becomes a call through the switch; `sites` gets a line that names it. */
function withSwitches(file, text, sites) {
  const match = CALL.exec(text);
  if (match === null) return text;
  const end = closingParenthesis(text, match.index + match[0].length - 1) + 1;
  const call = text.slice(match.index, end);
  const site = sites.length;
  const before = text.slice(0, match.index).split('\n').slice(-2).join(' ');
  sites.push(`${file}: ${before} ${call}`.replace(/\s+/g, ' '));
  // What stands before has none; the arguments and the rest may.
  const inner = match[0] + withSwitches(file, call.slice(match[0].length), sites);
  const [waits, async_] = /\bawait\b/.test(inner) ? ['await ', 'async '] : ['', ''];
  return `${text.slice(0, match.index)}${waits}fairleadSwitch(${site}, ${async_}() => ${inner})` +
      withSwitches(file, text.slice(end), sites);
}

const withoutComments = (text) => text.replace(/^\s*(\/\/|\/?\*).*$/gm, '');

/**
 * {lib, sites, watch}. `watch(leftOut, work)` works with the check of that number left out (-1:
 * none) and returns {result, threw}: the numbers of the checks that refused.
 */
export async function instrumented(built) {
  const sites = [];
  let leftOut = -1;
  let threw = new Set();
  globalThis.fairleadSwitch = (site, check) => {
    if (site === leftOut) return undefined;
    const note = (error) => {
      threw.add(site);
      throw error;
    };
    try {
      const result = check();
      return result instanceof Promise ? result.catch(note) : result;
    } catch (error) {
      return note(error);
    }
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'fairlead-lib-'));
  let lib;
  try {
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    for (const name of readdirSync(built).filter((each) => /^[a-z_]+\.js$/.test(each))) {
      const text = withoutComments(readFileSync(path.join(built, name), 'utf8'));
      writeFileSync(path.join(folder, name), withSwitches(name, text, sites));
    }
    lib = await import(pathToFileURL(path.join(folder, 'index.js')).href);
  } finally {
    rmSync(folder, {recursive: true});
  }
  const watch = async (site, work) => {
    leftOut = site;
    threw = new Set();
    try {
      return {result: await work(), threw};
    } finally {
      leftOut = -1;
    }
  };
  return {lib, sites, watch};
}
