// The HSDS 3.1 API of a real hub: what the published examples say comes out as it went in, and
// every endpoint's live answers pass the published schemas (Ajv), for the examples and for a
// synthetic directory (500 services; 10,000 with --long). Who may see what is checked on the way.
//   FAIRLEAD_CONFORMANCE_DATA: the folder with hsds/3.1; default ../shared/data. Skipped without.
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {startHub, uuidv7} from './hub_harness.mjs';
import {readCsv} from './read_csv.mjs';
import {syntheticServices} from './synthetic_hsds.mjs';

const data = path.resolve(process.env.FAIRLEAD_CONFORMANCE_DATA ?? '../shared/data', 'hsds/3.1');
if (!existsSync(data)) {
  console.log(`skipped: no ${data}`);
  process.exit(77);
}
const SERVICES = process.argv.includes('--long') ? 10_000 : 500;
const IMPORT_BYTES = 3_000_000;

let failures = 0;
let checks = 0;
function check(holds, what) {
  ++checks;
  if (holds || ++failures > 30) return;
  console.error(`FAIL: ${what}`);
}

// ---- the published schemas --------------------------------------------------------------------
const ajv = new Ajv2020({strict: false, allErrors: false});
addFormats(ajv);
ajv.addFormat('float', true).addFormat('datetime', true);
const schema = (name) => ajv.compile({
  ...JSON.parse(readFileSync(path.join(data, 'schema', name))), $id: undefined});
const compiled = (name) => schema(`compiled/${name}.json`);
const schemas = {
  service: compiled('service'), services: compiled('service_list'),
  organization: compiled('organization'), organizations: compiled('organization_list'),
  place: compiled('service_at_location'), places: compiled('service_at_location_list'),
};
for (const name of ['taxonomy', 'taxonomy_term']) {
  for (const part of ['metadata', 'attribute', 'taxonomy', 'taxonomy_term']) {
    const file = `${part}.json`;
    if (!ajv.getSchema(file)) {
      const text = readFileSync(path.join(data, 'schema', file));
      ajv.addSchema({...JSON.parse(text), $id: file}, file);
    }
  }
  schemas[name] = ajv.getSchema(`${name}.json`);
}
function valid(validate, value, what) {
  check(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`);
}

// ---- the hub ----------------------------------------------------------------------------------
const hub = await startHub();
async function signIn(name) {
  const person = hub.person(name);
  const answer = await rpc(null, 'fairlead.identity.v1.IdentityService/SignIn', {
    signInName: person.signInName, passphrase: hub.passphrase, totpCode: await person.totpCode()});
  return {...person, token: answer.sessionToken};
}
async function rpc(who, method, request) {
  const response = await fetch(`${hub.url}/${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', ...(who && {authorization: `Bearer ${who.token}`})},
    body: JSON.stringify(request)});
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method}: ${JSON.stringify(answer).slice(0, 600)}`);
  return answer;
}
// Comes back later when the hub asks for that (RFC 9110, section 10.2.3).
async function get(who, where, headers = {}) {
  for (let tries = 0; ; ++tries) {
    const response = await fetch(`${hub.url}/hsds${where}`, {
      headers: {...headers, ...(who && {authorization: `Bearer ${who.token}`})}});
    if (response.status !== 429 || tries === 60) return response;
    const seconds = Number(response.headers.get('retry-after'));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}
async function json(who, where) {
  const response = await get(who, where);
  check(response.status === 200, `${where}: status ${response.status}`);
  return response.json();
}
async function importFiles(who, format, files) {
  return rpc(who, 'fairlead.directory.v1.DirectoryService/ImportListings', {
    requestId: uuidv7(), agencyId: who.agencyId, format,
    files: files.map(([name, text]) => ({name, content: Buffer.from(text).toString('base64')})),
    defaultNeedCodes: ['counseling'], defaultCounties: ['48453']});
}

// Lists in any order.
const sorted = (value) => Array.isArray(value)
    ? value.map(sorted).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
    : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).sort().map(([k, v]) => [k, sorted(v)]))
        : value;
// What an import is told by default stands in its documents as if they had said it: nothing else
// may have been added.
function withoutDefaults(got, given) {
  if (Array.isArray(got)) {
    const isDefault = (one) => one?.taxonomy_term?.code === 'counseling' || one?.extent === '48453';
    return got.filter((one) => !isDefault(one) || given.includes(one.id))
        .map((one) => withoutDefaults(one, given));
  }
  if (!got || typeof got !== 'object') return got;
  return Object.fromEntries(
      Object.entries(got).map(([name, value]) => [name, withoutDefaults(value, given)])
          .filter(([name, value]) => !Array.isArray(value) || value.length || !got[name].length));
}
function same(got, wanted, what) {
  const told = sorted(withoutDefaults(got, JSON.stringify(wanted)));
  const equal = isDeepStrictEqual(told, sorted(wanted));
  check(equal, `${what} came out as ${firstDifference(told, sorted(wanted))}`);
}
function firstDifference(got, wanted, at = '') {
  if (isDeepStrictEqual(got, wanted)) return '';
  if (got && wanted && typeof got === 'object' && typeof wanted === 'object') {
    for (const key of new Set([...Object.keys(got), ...Object.keys(wanted)])) {
      const found = firstDifference(got[key], wanted[key], `${at}.${key}`);
      if (found) return found;
    }
  }
  const short = (value) => JSON.stringify(value)?.slice(0, 120);
  return `${at}: ${short(got)} instead of ${short(wanted)}`;
}

const admin = await signIn('harbor.admin');
const member = await signIn('northside.caseworker');

// ---- the examples, in and out -----------------------------------------------------------------
const example = (name) => JSON.parse(readFileSync(path.join(data, 'examples', `${name}.json`)));
for (const [name, where] of [['service_full', (r) => `/services/${r.id}`],
                             ['organization_full',
                              (r) => `/organizations/${r.id}?full_service=true`],
                             ['service_at_location_full',
                              (r) => `/service_at_locations/${r.id}`],
                             ['taxonomy', (r) => `/taxonomies/${r.id}`],
                             ['taxonomy_term', (r) => `/taxonomy_terms/${r.id}`]]) {
  const record = example(name);
  await importFiles(admin, 'IMPORT_FORMAT_HSDS_JSON', [[`${name}.json`, JSON.stringify(record)]]);
  same(await json(admin, where(record)), record, `${name}.json`);
  const again = await importFiles(admin, 'IMPORT_FORMAT_HSDS_JSON',
                                  [[`${name}.json`, JSON.stringify(record)]]);
  check(!again.created && !again.updated, `${name}.json again changes ${JSON.stringify(again)}`);
}
for (const name of ['service_list', 'organization_list', 'service_at_location_list',
                    'taxonomy_list', 'taxonomy_term_list']) {
  const page = example(name);
  const where = name.replace('_list', 's').replace('taxonomys', 'taxonomies');
  const listed = await json(admin, `/${where}?per_page=1000`);
  const wanted = page.contents[0];
  const got = listed.contents.find((one) => one.id === wanted.id);
  // Of a term or a taxonomy that came inside another record before, that stands.
  if (name !== 'taxonomy_term_list') same(got, wanted, `${name}.json`);
}

// ---- CSV, in and out --------------------------------------------------------------------------
const folder = path.join(data, 'examples/csv');
const original = readdirSync(folder).filter((name) => name.endsWith('.csv'));
await importFiles(admin, 'IMPORT_FORMAT_HSDS_CSV',
                  original.map((name) => [name, readFileSync(path.join(folder, name))]));
const exported = await exportTables(admin);
for (const name of original) {
  const wanted = readCsv(readFileSync(path.join(folder, name), 'utf8'));
  const got = exported.get(name.replace('.csv', '')) ?? [];
  for (const row of wanted) {
    const found = got.find((one) => one.id === row.id);
    same(found, row, `${name} ${row.id}`);
  }
}
async function exportTables(who) {
  const tables = new Map();
  let pageToken = '';
  const {exportId} = await rpc(who, 'fairlead.directory.v1.ExportService/BeginExport', {
    requestId: uuidv7(), format: 'IMPORT_FORMAT_HSDS_CSV', agencyId: who.agencyId});
  do {
    const part = await rpc(who, 'fairlead.directory.v1.HsdsService/ExportListings',
                           {format: 'IMPORT_FORMAT_HSDS_CSV', agencyId: who.agencyId, pageToken,
                            exportId});
    for (const {table, columns, rows} of part.parts ?? []) {
      const known = tables.get(table) ?? [];
      tables.set(table, known);
      for (const {cells} of rows ?? []) {
        const row = Object.fromEntries(
            columns.map((name, i) => [name, cells[i]]).filter(([, value]) => value));
        const before = known.find((one) => one.id === row.id);
        if (before) Object.assign(before, {...row, ...before});
        else known.push(row);
      }
    }
    pageToken = part.nextPageToken ?? '';
  } while (pageToken);
  return tables;
}

// ---- a synthetic directory --------------------------------------------------------------------
const started = Date.now();
const services = syntheticServices(SERVICES, Number(process.env.HSDS_SEED ?? 7));
let batch = [];
let bytes = 0;
const send = async () => {
  if (batch.length === 0) return;
  await importFiles(admin, 'IMPORT_FORMAT_HSDS_JSON', [['services.json', `[${batch.join(',')}]`]]);
  batch = [];
  bytes = 0;
};
for (const service of services) {
  const text = JSON.stringify(service);
  if (bytes + text.length > IMPORT_BYTES) await send();
  batch.push(text);
  bytes += text.length;
}
await send();
console.log(`imported ${SERVICES} services in ${Date.now() - started} ms`);

async function everyPage(who, where, perPage, validate, what) {
  const seen = new Map();
  for (let number = 1; ; ++number) {
    const mark = where.includes('?') ? '&' : '?';
    const page = await json(who, `${where}${mark}page=${number}&per_page=${perPage}`);
    check(page.page_number === number && page.size === page.contents.length,
          `${what}: page ${number}`);
    check(page.first_page === (number === 1), `${what}: first_page`);
    for (const one of page.contents) {
      if (validate) valid(validate, one, `${what} ${one.id}`);
      seen.set(one.id, one);
    }
    if (page.last_page) {
      check(seen.size === page.total_items, `${what}: ${seen.size} of ${page.total_items}`);
      return seen;
    }
  }
}
const minimal = ajv.compile({type: 'object', required: ['id', 'modified_date'], properties: {
  id: {type: 'string', format: 'uuid'}, modified_date: {type: 'string', format: 'date-time'}}});
const listed = await everyPage(member, '/services', 1000, schemas.services, 'services');
check(listed.size >= SERVICES, `only ${listed.size} services`);
const full = await everyPage(member, '/services?full=true', 50, schemas.service, 'services, full');
check(full.size === listed.size, 'full lists the same services');
const least =
    await everyPage(member, '/services?minimal=true', 10_000, minimal, 'services, minimal');
check(least.size === listed.size, 'minimal lists the same services');
const organizations =
    await everyPage(member, '/organizations', 1000, schemas.organizations, 'organizations');
await everyPage(member, '/organizations?full=true', 50, schemas.organization,
                'organizations, full');
await everyPage(member, '/organizations?full_service=true', 10, schemas.organization,
                'organizations with services');
const places =
    await everyPage(member, '/service_at_locations', 1000, schemas.places, 'service_at_locations');
await everyPage(member, '/service_at_locations?full=true', 50, schemas.place,
                'service_at_locations, full');
const terms = await everyPage(member, '/taxonomy_terms', 100, schemas.taxonomy_term, 'terms');
const taxonomies = await everyPage(member, '/taxonomies', 100, schemas.taxonomy, 'taxonomies');
const some = (all, most) => [...all.keys()].filter((_, i) => i % Math.ceil(all.size / most) === 0);
for (const [where, all, validate] of [['services', listed, schemas.service],
                                      ['organizations', organizations, schemas.organization],
                                      ['service_at_locations', places, schemas.place],
                                      ['taxonomy_terms', terms, schemas.taxonomy_term],
                                      ['taxonomies', taxonomies, schemas.taxonomy]]) {
  check(all.size > 0, `${where} has none`);
  for (const id of some(all, 30)) {
    valid(validate, await json(member, `/${where}/${id}`), `${where}/${id}`);
  }
}
const streamed = await get(member, '/services?format=ndjson&full=true');
const lines = (await streamed.text()).trim().split('\n');
check(lines.length === listed.size, `ndjson has ${lines.length} of ${listed.size}`);
for (const line of lines) valid(schemas.service, JSON.parse(line), 'ndjson');

// Its publisher reads back what it sent.
for (const service of services.filter((one) => !one.confidential_location).slice(0, 25)) {
  const got = await json(admin, `/services/${service.id}`);
  delete got.last_modified;
  const wanted = structuredClone(service);
  same(got, wanted, `service ${service.id}`);
}

// ---- filters, conditions, who may see ---------------------------------------------------------
const [service] = services;
const count = async (where) => (await json(member, where)).total_items;
check(await count(`/services?organization_id=${service.organization.id}`) ===
      services.filter((one) => one.organization.id === service.organization.id).length,
      'organization_id filters');
const term = service.attributes[0].taxonomy_term;
check(await count(`/services?taxonomy_term_id=${term.id}`) ===
      services.filter((one) => one.attributes.some((a) => a.taxonomy_term.id === term.id)).length,
      'taxonomy_term_id filters');
check(await count('/services?modified_after=2999-01-01') === 0, 'modified_after filters');
check(await count(`/taxonomy_terms?parent_id=${uuidv7()}`) === 0, 'parent_id filters');
check(await count('/services?search=zzzzzz') === 0, 'search filters');
const open = services.find((one) => !one.confidential_location);
const home = open.service_at_locations[0].location;
const near = `/service_at_locations?postcode=${home.addresses[0].postal_code}`;
check(await count(near) > 0, 'postcode');
check(await count(`${near}&proximity=500`) > 0, 'proximity');
for (const [where, reason] of [['/services?serach=x', 'UNKNOWN_PARAMETER'],
                               ['/services?page=0', 'INVALID_PARAMETER'],
                               ['/services?full=yes', 'INVALID_PARAMETER'],
                               ['/services?page=1&page=2', 'REPEATED_PARAMETER'],
                               ['/services?full=true&per_page=51', 'INVALID_PARAMETER'],
                               ['/service_at_locations?proximity=5', 'INVALID_PARAMETER'],
                               ['/services?organization_id=%27', 'INVALID_PARAMETER']]) {
  const response = await get(member, where);
  check(response.status === 400 && (await response.text()).includes(reason), `${where}: ${reason}`);
}
const first = await get(member, `/services/${service.id}`);
const etag = first.headers.get('etag');
const same304 = await get(member, `/services/${service.id}`, {'if-none-match': etag});
check(same304.status === 304, 'the same ETag');
const other304 = await get(member, `/services/${service.id}`, {'if-none-match': '"x"'});
check(other304.status === 200, 'another ETag');
check((await get(member, `/services/${uuidv7()}`)).status === 404, '404');
const root = await json(null, '/');
check(root.version === '3.1' && root.openapi_url.endsWith('/hsds/openapi.json'), 'root');
const openapi = await json(null, '/openapi.json');
check(!JSON.stringify(openapi).match(/"\$ref":"(?!#)/), 'openapi has no remote references');
check((await json(null, '/profile')).hsds_version === '3.1', 'profile');

// The public sees what is marked for it, and no contacts, capacities or history.
const forAll = services.filter((one) => one.attributes.some(
    (a) => a.taxonomy_term.code === 'visibility_public' && !a.link_type));
const publicOnes =
    await everyPage(null, '/services?full=true', 50, schemas.service, 'public services');
check(publicOnes.size === forAll.length, `${publicOnes.size} public services of ${forAll.length}`);
for (const one of publicOnes.values()) {
  const says = one.contacts || one.capacities || one.metadata;
  check(!says, `public service ${one.id} says too much`);
}
const told = publicOnes.size > 0 &&
    await json(null, `/services/${[...publicOnes.keys()][0]}?history=true`);
check(!told || !told.metadata, 'nothing has changed since it came');
const other = services.find((one) => !forAll.includes(one));
check((await get(null, `/services/${other.id}`)).status === 404, 'not for the public');
const anywhere = await get(null, '/services', {origin: 'https://elsewhere.example'});
check(anywhere.headers.get('access-control-allow-origin') === '*', 'CORS for the public');
const withSession = await get(member, '/services', {origin: 'https://elsewhere.example'});
check(!withSession.headers.get('access-control-allow-origin'), 'and not with a session');
const wrong = await get({token: 'x'.repeat(43)}, '/services');
check(wrong.status === 401, 'a wrong session is told so');

// Of a confidential place: nothing.
for (const one of services.filter((each) => each.confidential_location).slice(0, 20)) {
  const text = JSON.stringify(await json(admin, `/services/${one.id}`));
  check(!text.includes('HIDDEN'), `confidential ${one.id} tells of its place`);
}

console.log(`${checks} checks, ${failures} failures`);
await hub.stop();
process.exit(failures === 0 ? 0 : 1);
