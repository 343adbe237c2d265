// A client's release: drafted and recorded as signed. What the hub answers must be what was asked
// for, or nobody is to sign it (gateway/cli/release_check.cc).
import {Refusal} from 'fairlead-lib';

import forms from '../build/forms.json';
import {call, newId} from './api';
import {checkedReleaseHash} from './packets';
import type {CreateReleaseResponseJson, ReleaseJson, SignReleaseResponseJson} from './types';

export const CATEGORIES = [
  'needs', 'safe_contact', 'identity', 'health', 'legal', 'immigration', 'children', 'narrative',
  'documents', 'substance_use_part2',
] as const;

export const PURPOSES = [
  'referral', 'service_coordination', 'safety_planning', 'legal_representation', 'treatment',
  'benefits',
] as const;

/** What whoever records it attests; each is needed. */
export const STATEMENTS = [
  'plain_language', 'risks', 'not_a_condition', 'refusing', 'revoking', 'redisclosure', 'copy',
] as const;

export type Contact = 'safe' | 'prohibited';

export interface ReleaseAnswers {
  recipientAgencyId: string;
  categories: string[];
  purpose: string;
  days: number;            // 1 to 365
  jurisdiction: string;    // two letters
  formLanguage: 'en' | 'es';
  contact: Contact;
  method: 'WRITTEN' | 'ESIGNED';
}

export function formText(language: 'en' | 'es'): string {
  return forms.find((form) => form.language === language)?.text ?? '';
}

async function formHash(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  const binary = String.fromCharCode(...new Uint8Array(hash));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const sameSet = (a: readonly string[] | undefined, b: readonly string[]) =>
  [...(a ?? [])].sort().join(' ') === [...b].sort().join(' ');

async function checkCreated(release: ReleaseJson, asked: Record<string, unknown>): Promise<void> {
  await checkedReleaseHash(release);
  const same = release.formVersion === asked['formVersion'] &&
      release.formHash === asked['formHash'] && release.jurisdiction === asked['jurisdiction'] &&
      release.caseHandle === asked['caseHandle'] && release.action === asked['action'] &&
      Date.parse(release.expireTime ?? '') === Date.parse(String(asked['expireTime'])) &&
      sameSet(release.recipientAgencyIds, asked['recipientAgencyIds'] as string[]) &&
      sameSet(release.categories, asked['categories'] as string[]) &&
      sameSet(release.purposes, asked['purposes'] as string[]) &&
      !release.twoWay && (release.excludedCategories ?? []).length === 0;
  if (!same) throw new Refusal('RELEASE_ALTERED');
}

/** The release, in force; `artefactId` is what to write on the paper that the agency keeps. */
export async function recordRelease(answers: ReleaseAnswers):
    Promise<{release: ReleaseJson; artefactId: string}> {
  const form = forms.find((each) => each.language === answers.formLanguage);
  if (form === undefined) throw new Refusal('RELEASE_INVALID', 'form');
  const asked = {
    requestId: newId(),
    formVersion: form.version,
    formHash: await formHash(form.text),
    jurisdiction: answers.jurisdiction,
    caseHandle: newId(),
    recipientAgencyIds: [answers.recipientAgencyId],
    categories: answers.categories,
    purposes: [answers.purpose],
    action: 'RELEASE_ACTION_ONGOING',
    expireTime: new Date(Date.now() + answers.days * 86_400_000).toISOString(),
    safeContactInstructionPresent: answers.contact === 'safe',
    contactProhibited: answers.contact === 'prohibited',
    hubNamedAsIntermediary: true,  // every form says so
  };
  const created = await call<CreateReleaseResponseJson>(
      'consent.v1.ConsentService/CreateRelease', asked);
  const draft = created.release ?? {};
  await checkCreated(draft, asked);
  const artefactId = newId();
  const signed = await call<SignReleaseResponseJson>('consent.v1.ConsentService/SignRelease', {
    requestId: newId(),
    releaseId: draft.id,
    signature: {
      capacity: 'SIGNER_CAPACITY_SELF', method: `SIGNATURE_METHOD_${answers.method}`,
      artefactId, language: answers.formLanguage, plainLanguageConfirmed: true,
      risksAndAlternativesExplained: true,
    },
    notAConditionOfService: true, consequencesOfRefusingExplained: true,
    rightToRevokeExplained: true, redisclosureExplained: true, copyOffered: true,
  });
  const release = signed.release ?? {};
  await checkedReleaseHash(release);
  if (release.id !== draft.id || release.releaseHash !== draft.releaseHash) {
    throw new Refusal('RELEASE_ALTERED');
  }
  return {release, artefactId};
}
