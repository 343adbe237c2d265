import './testing.js';

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {releaseHash} from './release_hash.js';
import {refused} from './testing.js';

const RELEASE = {
  id: 'r1', formVersion: '3', formHash: 'A'.repeat(43), jurisdiction: 'us-or', caseHandle: 'c7',
  discloserAgencyId: 'a1', recipientAgencyIds: ['a3', 'a2'], hubNamedAsIntermediary: true,
  categories: ['needs', 'identity'], excludedCategories: [], purposes: ['referral'], action: 1,
  twoWay: false, effectiveMs: 1_790_000_000_000, expireMs: 1_791_000_000_000,
};

test('each element counts, the order of a list does not', async () => {
  const hash = await releaseHash(RELEASE);
  assert.equal(await releaseHash({...RELEASE, categories: ['identity', 'needs', 'needs']}), hash);
  const seen = new Set([hash]);
  for (const change of [
    {id: 'r2'}, {formVersion: '4'}, {formHash: 'B'.repeat(43)}, {jurisdiction: 'us-wa'},
    {caseHandle: 'c8'}, {discloserAgencyId: 'a9'}, {recipientAgencyIds: ['a2']},
    {hubNamedAsIntermediary: false}, {categories: ['needs']}, {excludedCategories: ['health']},
    {purposes: ['research']}, {action: 2}, {twoWay: true}, {effectiveMs: 0}, {expireMs: 0},
  ]) {
    seen.add(await releaseHash({...RELEASE, ...change}));
  }
  assert.equal(seen.size, 16);
});

test('an element that would make two lines, or two items, is refused', async () => {
  const with_ = (change: object) => () => releaseHash({...RELEASE, ...change});
  await refused(with_({caseHandle: 'c7\ndiscloser=a9'}), 'RELEASE_INVALID:case_handle');
  await refused(with_({categories: ['needs identity']}), 'RELEASE_INVALID:categories');
  await refused(with_({purposes: ['']}), 'RELEASE_INVALID:purposes');
  await refused(with_({expireMs: 1.5}), 'RELEASE_INVALID:expire_ms');
});
