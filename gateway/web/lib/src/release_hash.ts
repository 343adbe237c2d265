// The hash that ties a packet to the release it was sealed under. It is made here from what the
// person reads on the screen, and not taken from the hub: then an altered release opens nothing.
// services/common/base/release_hash.h is the same in C++.

import {hashText} from './encoding.js';
import {refuse} from './errors.js';

/** Elements 1 to 8 of a release: what it allows, to whom, for what, until when. */
export interface ReleaseElements {
  readonly id: string;
  readonly formVersion: string;
  readonly formHash: string;
  readonly jurisdiction: string;
  readonly caseHandle: string;
  readonly discloserAgencyId: string;
  readonly recipientAgencyIds: readonly string[];
  readonly hubNamedAsIntermediary: boolean;
  readonly categories: readonly string[];
  readonly excludedCategories: readonly string[];
  readonly purposes: readonly string[];
  readonly action: number;  // the number of fairlead.consent.v1.ReleaseAction
  readonly twoWay: boolean;
  readonly effectiveMs: number;
  readonly expireMs: number;
}

function wholeNumber(name: string, value: number): string {
  if (!Number.isSafeInteger(value)) refuse('RELEASE_INVALID', name);
  return String(value);
}

// A line break, or a space in a list, would let two releases have one text.
function word(name: string, text: string): string {
  if (/[\n\r]/.test(text)) refuse('RELEASE_INVALID', name);
  return text;
}

function list(name: string, items: readonly string[]): string {
  for (const item of items) {
    if (item === '' || /\s/.test(item)) refuse('RELEASE_INVALID', name);
  }
  return [...new Set(items)].sort().join(' ');
}

/**
 * base64url SHA-256 (43 characters) of the elements written one to a line in a fixed order, lists
 * sorted and without repeats. Refused with RELEASE_INVALID and the line's name when an element
 * holds what no code, id or version does.
 */
export async function releaseHash(release: ReleaseElements): Promise<string> {
  const lines: Array<[string, string]> = [
    ['id', word('id', release.id)],
    ['form_version', word('form_version', release.formVersion)],
    ['form_hash', word('form_hash', release.formHash)],
    ['jurisdiction', word('jurisdiction', release.jurisdiction)],
    ['case_handle', word('case_handle', release.caseHandle)],
    ['discloser', word('discloser', release.discloserAgencyId)],
    ['recipients', list('recipients', release.recipientAgencyIds)],
    ['intermediary', release.hubNamedAsIntermediary ? '1' : '0'],
    ['categories', list('categories', release.categories)],
    ['excluded', list('excluded', release.excludedCategories)],
    ['purposes', list('purposes', release.purposes)],
    ['action', wholeNumber('action', release.action)],
    ['two_way', release.twoWay ? '1' : '0'],
    ['effective_ms', wholeNumber('effective_ms', release.effectiveMs)],
    ['expire_ms', wholeNumber('expire_ms', release.expireMs)],
  ];
  return hashText(
      'fairlead-release-v1\n' + lines.map(([name, value]) => `${name}=${value}\n`).join(''));
}
