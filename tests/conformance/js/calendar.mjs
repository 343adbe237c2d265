// Opening hours against others' calendars: random rules against npm `rrule`, day by day (1,000, or
// 10,000 with --long: rrule takes its time), and openings in zones against Node's own time zones,
// around every change of clocks. Then all together, minute by minute: rules with single days and
// holidays before them (rrule's EXDATE), overnight and across changes of clocks.
//   CALENDAR_SEED=… repeats an earlier run.
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import rrule from 'rrule';

const {RRule, RRuleSet, Weekday} = rrule;
const tool = path.resolve(process.env.FAIRLEAD_BUILD_DIR ?? 'build/release', 'bin/calendar_tool');
if (!existsSync(tool)) {
  console.log(`skipped: ${tool} is not built`);
  process.exit(77);
}
const RULES = process.argv.includes('--long') ? 10_000 : 1_000;
const NIGHTS = 2_000;
const PLACES = process.argv.includes('--long') ? 2_000 : 200;
const PLACE_DAYS = 16;
const DAY_MS = 86_400_000;
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];  // rrule numbers them so

const seed = Number(process.env.CALENDAR_SEED ?? Date.now() % 1_000_000);
let state = seed;
function random() {  // mulberry32: the same everywhere
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const int = (low, high) => low + Math.floor(random() * (high - low + 1));
const chance = (share) => random() < share;
const some = (items, most) => {
  const picked = new Set();
  for (let i = int(1, most); i > 0; --i) picked.add(items[int(0, items.length - 1)]);
  return [...picked];
};
const range = (low, high) => Array.from({length: high - low + 1}, (_, i) => low + i);
const dateText = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);

let failures = 0;
function check(what, wanted, got) {
  if (wanted === got) return;
  failures += 1;
  if (failures <= 10) console.error(`FAILED: ${what}\n  wanted ${wanted}\n  got    ${got}`);
}

function ask(lines) {
  const done = spawnSync(tool, {input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8', maxBuffer: 1 << 28});
  if (done.status !== 0) throw new Error(`calendar_tool ended with ${done.status}`);
  const answers = done.stdout.split('\n').slice(0, -1);
  if (answers.length !== lines.length) throw new Error('an answer is missing');
  return answers;
}

// A rule as both sides write it. rrule asks for both kinds of days by name at once, where RFC 5545
// has either: one kind at a time, then.
function randomRule() {
  const monthly = chance(0.5);
  const start = int(10_000, 22_000);
  const text = {freq: monthly ? 'MONTHLY' : 'WEEKLY', dtstart: dateText(start)};
  const options = {freq: monthly ? RRule.MONTHLY : RRule.WEEKLY, dtstart: new Date(start * DAY_MS)};
  if (chance(0.5)) text.interval = options.interval = int(2, 12);
  if (chance(0.3)) {
    const day = int(0, 6);
    text.wkst = DAYS[day];
    options.wkst = day;
  }
  if (chance(0.25)) text.count = options.count = int(1, 60);
  if (chance(0.25)) {
    const until = start + int(0, 2000);
    text.until = dateText(until);
    options.until = new Date(until * DAY_MS);
  }
  if (chance(0.75)) {
    const days = some(range(0, 6), 4);
    const ordinals = monthly && chance(0.6) ? some([-5, -4, -2, -1, 1, 2, 3, 4, 5], 1) : [0];
    text.byday = days.map((day) => `${ordinals[0] || ''}${DAYS[day]}`).join(',');
    options.byweekday = days.map((day) =>
      (ordinals[0] === 0 ? new Weekday(day) : new Weekday(day, ordinals[0])));
  }
  if (monthly && chance(0.5)) {
    options.bymonthday = some([...range(-31, -1), ...range(1, 31)], 6);
    text.bymonthday = options.bymonthday.join(',');
  }
  if (!monthly && chance(0.25)) {
    options.byweekno = some([...range(-40, -1), ...range(1, 53)], 6);
    text.byweekno = options.byweekno.join(',');
  }
  return {text, options, start};
}

const write = (fields) => Object.entries(fields).map(([k, v]) => `${k}=${v}`).join(';');

function checkRules() {
  const cases = [];
  for (let i = 0; i < RULES; ++i) {
    const {text, options, start} = randomRule();
    const first = start + int(-200, 700);
    const last = first + int(0, 300);
    // What comes after is of no interest, and rrule looks for a day that never comes until 9999.
    options.until = new Date(Math.min(options.until ?? Infinity, (last + 1) * DAY_MS));
    const days = new RRule(options)
      .between(new Date(first * DAY_MS), new Date(last * DAY_MS), true)
      .map((date) => date.getTime() / DAY_MS);
    const line = write({...text, opens_at: '09:00', closes_at: '17:00'});
    cases.push({line: `dates ${line} ${first} ${last}`, wanted: days.join(',')});
  }
  const answers = ask(cases.map(({line}) => line));
  cases.forEach(({line, wanted}, i) => check(line, wanted, answers[i]));
  const filled = cases.filter(({wanted}) => wanted !== '').length;
  if (filled < RULES / 4) check('the rules say something', 'a quarter of them', String(filled));
  return filled;
}

// --- clocks --------------------------------------------------------------------------------------
const ZONES = ['America/New_York', 'America/Los_Angeles', 'America/Puerto_Rico', 'America/Phoenix',
  'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia'];
const formats = new Map(ZONES.map((zone) => [zone, new Intl.DateTimeFormat('en-US', {
  timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', second: '2-digit'})]));

// What a clock there shows, as if it were UTC.
function wall(zone, utc) {
  const part = Object.fromEntries(
    formats.get(zone).formatToParts(new Date(utc)).map(({type, value}) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

// The first instant at which it shows `shown`; of a time left out, with the offset before the gap
// (RFC 5545, section 3.3.5).
function instant(zone, shown) {
  const before = wall(zone, shown - 36 * 3_600_000) - (shown - 36 * 3_600_000);
  const after = wall(zone, shown + 36 * 3_600_000) - (shown + 36 * 3_600_000);
  const fits = [...new Set([before, after])].map((offset) => shown - offset)
    .filter((utc) => wall(zone, utc) === shown);
  return fits.length > 0 ? Math.min(...fits) : shown - before;
}

// Days around which clocks are changed there, in 2024 to 2027.
function changes(zone) {
  const days = [];
  for (let day = 19_723; day < 21_184; ++day) {
    const offset = (at) => wall(zone, at * DAY_MS) - at * DAY_MS;
    if (offset(day) !== offset(day + 1)) days.push(day);
  }
  return days;
}

function checkClocks() {
  const cases = [];
  const changing = new Map(ZONES.map((zone) => [zone, changes(zone)]));
  for (let i = 0; i < NIGHTS; ++i) {
    const zone = ZONES[i % ZONES.length];
    const known = changing.get(zone);
    const day = known.length > 0 && chance(0.8)
      ? known[int(0, known.length - 1)] + int(-1, 2) : int(19_723, 21_184);
    const minutes = [int(0, 47) * 30, int(0, 47) * 30];
    const at = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:` +
      `${String(minute % 60).padStart(2, '0')}`;
    const start = instant(zone, day * DAY_MS + minutes[0] * 60_000);
    const end = instant(zone,
      (day + (minutes[1] <= minutes[0] ? 1 : 0)) * DAY_MS + minutes[1] * 60_000);
    const line = write({dtstart: dateText(day), timezone: zone, freq: 'WEEKLY', count: 1,
      opens_at: at(minutes[0]), closes_at: at(minutes[1])});
    const from = (day - 3) * DAY_MS;
    cases.push({line: `openings ${line} ${from} ${from + 8 * DAY_MS}`,
      wanted: end > start ? `${start}-${end}` : ''});
  }
  const answers = ask(cases.map(({line}) => line));
  cases.forEach(({line, wanted}, i) => check(line, wanted, answers[i]));
}

// --- places --------------------------------------------------------------------------------------
// 5 U.S.C. 6103, once more: as rules of rrule, with the days that are kept for those of weekends.
function usFederal(year) {
  const fixed = (month, day) => ({bymonth: month, bymonthday: day});
  const nth = (month, day, n) => ({bymonth: month, byweekday: new Weekday(day, n)});
  const rules = [fixed(1, 1), nth(1, 0, 3), nth(2, 0, 3), nth(5, 0, -1), nth(9, 0, 1),
    nth(10, 0, 2), fixed(11, 11), nth(11, 3, 4), fixed(12, 25), fixed(7, 4), fixed(6, 19)];
  const kept = [];
  for (const rule of rules) {
    const [date] = new RRule({freq: RRule.YEARLY, count: 1, dtstart: new Date(Date.UTC(year, 0, 1)),
      ...rule}).all();
    const day = date.getTime() / DAY_MS;
    kept.push(day);
    if (date.getUTCDay() === 6) kept.push(day - 1);
    if (date.getUTCDay() === 0) kept.push(day + 1);
  }
  return kept;
}
const FEDERAL = new Set([2023, 2024, 2025, 2026, 2027, 2028].flatMap(usFederal));

const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:` +
  `${String(minute % 60).padStart(2, '0')}`;

// Openings as minutes of [from, from + PLACE_DAYS): 1 when open.
function minutes(openings, from) {
  const flags = new Uint8Array(PLACE_DAYS * 1440);
  for (const [start, end] of openings) {
    for (let at = Math.max(start, from); at < end; at += 60_000) {
      const minute = (at - from) / 60_000;
      if (minute >= flags.length) break;
      flags[minute] = 1;
    }
  }
  return flags;
}

function randomPlace() {
  const zone = ZONES[int(0, ZONES.length - 1)];
  const known = changesOf.get(zone);
  const year = [19_723, 20_089, 20_454, 20_819][int(0, 3)];  // the first days of 2024 … 2027
  const day = chance(0.4) && known.length > 0 ? known[int(0, known.length - 1)] - int(0, 8)
    : chance(0.4) ? year - int(0, 12) : int(19_740, 21_000);
  const from = day * DAY_MS;
  const near = () => day + int(-2, PLACE_DAYS);
  const times = () => [int(0, 47) * 30, int(0, 47) * 30];
  const interval = (date, [opens, closes]) => [instant(zone, date * DAY_MS + opens * 60_000),
    instant(zone, (date + (closes <= opens ? 1 : 0)) * DAY_MS + closes * 60_000)];
  const parts = [];
  const openings = [];
  const special = new Map();
  for (let i = int(0, 4); i > 0; --i) special.set(near(), chance(0.4) ? [] : [times(), times()]);
  for (const [date, spans] of special) {
    if (spans.length === 0) parts.push(`date=${dateText(date)}`);
    for (const span of spans) {
      parts.push(write({date: dateText(date), timezone: zone, opens_at: clock(span[0]),
        closes_at: clock(span[1])}));
      openings.push(interval(date, span));
    }
  }
  const holidays = chance(0.5) ? some(range(day - 2, day + PLACE_DAYS), 4) : [];
  if (holidays.length > 0) {
    parts.push(`holidays=${holidays.toSorted((a, b) => a - b).map(dateText).join(',')}`);
  }
  const federal = chance(0.5);
  if (federal) parts.push('us_federal');
  for (let i = int(1, 3); i > 0; --i) {
    const span = times();
    const days = some(range(0, 6), 6);
    parts.push(write({timezone: zone, freq: 'WEEKLY', byday: days.map((d) => DAYS[d]).join(','),
      opens_at: clock(span[0]), closes_at: clock(span[1])}));
    const set = new RRuleSet();
    set.rrule(new RRule({freq: RRule.WEEKLY, byweekday: days, dtstart: new Date(from - 9 * DAY_MS),
      until: new Date(from + (PLACE_DAYS + 2) * DAY_MS)}));
    const without = [...holidays, ...special.keys(), ...(federal ? FEDERAL : [])];
    for (const date of without) set.exdate(new Date(date * DAY_MS));
    for (const date of set.all()) openings.push(interval(date.getTime() / DAY_MS, span));
  }
  return {line: `hours ${parts.join('|')} ${from} ${from + PLACE_DAYS * DAY_MS}`, from, openings};
}

const changesOf = new Map();
function checkPlaces() {
  for (const zone of ZONES) changesOf.set(zone, changes(zone));
  const places = range(1, PLACES).map(randomPlace);
  const answers = ask(places.map(({line}) => line));
  let opens = 0;
  places.forEach(({line, from, openings}, i) => {
    const wanted = minutes(openings.filter(([start, end]) => end > start), from);
    const said = answers[i] === '' ? []
      : answers[i].split(',').map((one) => one.split('-').map(Number));
    const got = minutes(said, from);
    const differs = wanted.findIndex((flag, minute) => flag !== got[minute]);
    if (differs >= 0) {
      check(`${line}\n  at ${new Date(from + differs * 60_000).toISOString()}`,
        wanted[differs] ? 'open' : 'closed', got[differs] ? 'open' : 'closed');
    }
    opens += wanted.includes(1) ? 1 : 0;
  });
  if (opens < PLACES / 2) check('places are open at times', 'half of them', String(opens));
}

const filled = checkRules();
checkClocks();
checkPlaces();
console.log(`seed ${seed}: ${RULES} rules (${filled} with days), ${NIGHTS} openings in ` +
  `${ZONES.length} zones, ${PLACES} places minute by minute, ${failures} differences`);
process.exit(failures === 0 ? 0 : 1);
