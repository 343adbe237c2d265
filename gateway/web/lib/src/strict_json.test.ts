import './testing.js';

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {base64UrlDecode, base64UrlEncode, isHash, isUuid, utf8} from './encoding.js';
import {NOT_AN_INTEGER, parseObject} from './strict_json.js';
import {refused} from './testing.js';

const parse = (text: string | Uint8Array, depth = 8) => parseObject('R', text, 1000, depth);

test('reads what JSON.parse reads', () => {
  const text = ' {"a":[1,-2,true,false,null,"\\u00f1\\ud83d\\ude00\\n/\\/"],' +
      '"b":{"":{}},"c":[]}\r\n\t';
  const plain = (value: unknown): unknown => {
    if (value instanceof Map) {
      return Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]));
    }
    return Array.isArray(value) ? value.map(plain) : value;
  };
  assert.deepEqual(plain(parse(text)), JSON.parse(text));
  assert.deepEqual(plain(parse(utf8(text))), JSON.parse(text));
});

test('refuses repeated members at any depth and however spelt', async () => {
  for (const text of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"b":[{"c":{"d":1,"d":2}}]}',
                      '{"__proto__":1,"__proto__":2}', '{"":1,"":1}']) {
    await refused(() => parse(text), 'R:duplicate_member');
  }
  assert.equal(parse('{"__proto__":{"a":1}}').size, 1);
});

test('refuses what is no JSON, or another value than an object', async () => {
  for (const text of ['', '{', '{}{}', '{"a":1,}', '{a:1}', "{'a':1}", '{"a":01}', '{"a":+1}',
                      '{"a":.5}', '{"a":1.}', '{"a":NaN}', '{"a":"\u0001"}', '{"a":"\\x"}',
                      '{"a":"\\ud800"}', '{"a":"\ud800"}', '\ufeff{}', '{}//', '[1]', '"a"', '1',
                      '{"a" "b"}', '{"a":"b}', '{"a":tru}', '[{}', '{"a":[1 2]}']) {
    await refused(() => parse(text), 'R:json');
  }
  await refused(() => parse(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 'R:json');
  await refused(() => parse(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])), 'R:json');
});

test('has bounds', async () => {
  await refused(() => parse(`{"a":"${'x'.repeat(1000)}"}`), 'R:too_large');
  await refused(() => parse(`{"a":"${'ñ'.repeat(600)}"}`), 'R:too_large');
  await refused(() => parse('{"a":[1]}', 1), 'R:json');
  assert.ok(parse('{"a":[1]}', 2));
});

test('only whole numbers that a double holds are numbers', () => {
  const value = (text: string) => parse(`{"a":${text}}`).get('a');
  assert.equal(value('9007199254740991'), 9007199254740991);
  for (const text of ['1.0', '1e3', '1.5', '9007199254740992', '1e999', '-0.1']) {
    assert.equal(value(text), NOT_AN_INTEGER);
  }
});

test('base64url has one spelling', () => {
  for (let size = 0; size < 70; ++size) {
    const bytes = crypto.getRandomValues(new Uint8Array(size));
    const text = base64UrlEncode(bytes);
    assert.equal(text, Buffer.from(bytes).toString('base64url'));
    assert.deepEqual(base64UrlDecode(text), bytes);
  }
  for (const text of ['A', 'AA=', 'AA==', 'AB', 'AAB', 'A+', 'A/', ' AA', 'AA\n', 'AAAAA', 'ñA']) {
    assert.equal(base64UrlDecode(text), undefined, text);
  }
});

test('ids and hashes', () => {
  assert.ok(isUuid('0190163d-8694-739b-aea5-966c26f8ad90'));
  assert.ok(!isUuid('0190163D-8694-739b-aea5-966c26f8ad90'));
  assert.ok(!isUuid('0190163d-8694-739b-aea5-966c26f8ad90\n'));
  assert.ok(isHash('A'.repeat(43)));
  assert.ok(!isHash('A'.repeat(42) + 'B'));
  assert.ok(!isHash('A'.repeat(44)));
});
