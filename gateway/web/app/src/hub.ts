// What the pages ask of the hub, and for how long an answer will do. Events make answers stale at
// once; the times here are for what no event tells of.
import {QueryClient, useQuery} from '@tanstack/react-query';

import {allPages, call} from './api';
import type {HubEvent} from './live';
import type {
  AgencyJson, GetReferralResponseJson, GetTimelineResponseJson, ListAgenciesResponseJson,
  ListNeedsResponseJson, ListReferralsResponseJson, ListReleasesResponseJson, NeedJson, OfferJson,
  ReferralJson, ReleaseJson, TimelineEntryJson,
} from './types';

export type Box = 'inbox' | 'sent';

const REFERRALS = 'referral.v1.ReferralService/';
const DIRECTORY = 'directory.v1.DirectoryService/';
const MOST_REFERRALS = 500;

export const queries = new QueryClient({
  defaultOptions: {queries: {retry: false, staleTime: 30_000}},
});

/**
 * What an answer told of has changed: it is asked for anew, but not while nobody looks. To list the
 * inbox says that it was shown ("delivered"), which is to be true; the query client asks when the
 * page is looked at again.
 */
export function spoil(queryKey?: readonly string[]): void {
  const refetchType = document.visibilityState === 'hidden' ? 'none' : 'active';
  void queries.invalidateQueries({refetchType, ...(queryKey === undefined ? {} : {queryKey})});
}

export function useReferrals(box: Box) {
  return useQuery({
    queryKey: ['referrals', box],
    queryFn: () => allPages<ListReferralsResponseJson, ReferralJson>(
        `${REFERRALS}ListReferrals`, {box: box === 'inbox' ? 'BOX_INBOX' : 'BOX_SENT'},
        (answer) => answer.referrals, MOST_REFERRALS),
  });
}

export function useReferral(id: string) {
  return useQuery({
    queryKey: ['referral', id],
    queryFn: async () => {
      const answer = await call<GetReferralResponseJson>(
          `${REFERRALS}GetReferral`, {referralId: id});
      return answer.referral ?? {};
    },
  });
}

export function useTimeline(id: string) {
  return useQuery({
    queryKey: ['timeline', id],
    queryFn: async (): Promise<readonly TimelineEntryJson[]> => {
      const answer = await call<GetTimelineResponseJson>(
          `${REFERRALS}GetTimeline`, {referralId: id});
      return answer.entries ?? [];
    },
  });
}

export function useNeeds() {
  return useQuery({
    queryKey: ['needs'],
    staleTime: Infinity,
    queryFn: async (): Promise<readonly NeedJson[]> =>
      (await call<ListNeedsResponseJson>(`${DIRECTORY}ListNeeds`, {})).needs ?? [],
  });
}

export function useAgencies() {
  return useQuery({
    queryKey: ['agencies'],
    staleTime: 300_000,
    queryFn: async () => {
      const all = await allPages<ListAgenciesResponseJson, AgencyJson>(
          `${DIRECTORY}ListAgencies`, {}, (answer) => answer.agencies);
      return new Map(all.map((agency) => [agency.id ?? '', agency.name ?? '']));
    },
  });
}

export function useReleases() {
  return useQuery({
    queryKey: ['releases'],
    queryFn: () => allPages<ListReleasesResponseJson, ReleaseJson>(
        'consent.v1.ConsentService/ListReleases', {}, (answer) => answer.releases),
  });
}

/** Makes stale what an event is about. */
export function hear(event: HubEvent): void {
  if (event.type.startsWith('fairlead.referral.')) {
    for (const key of [['referrals'], ['referral', event.subject], ['timeline', event.subject]]) {
      spoil(key);
    }
  } else if (event.type.startsWith('fairlead.consent.')) {
    spoil(['releases']);
  } else if (event.type.startsWith('fairlead.identity.')) {
    spoil(['device']);
  }
}

/** The caller's agency's own offer of a referral in its inbox: the latest. */
export function ownOffer(referral: ReferralJson, agencyId: string): OfferJson | undefined {
  return (referral.offers ?? []).filter((offer) => offer.recipientAgencyId === agencyId).at(-1);
}

/** Whether an offer still waits for an answer. */
export function isWaiting(offer: OfferJson | undefined): boolean {
  const waits = ['OFFER_STATE_SENT', 'OFFER_STATE_DELIVERED', 'OFFER_STATE_QUESTION'];
  return waits.includes(offer?.state ?? '');
}

export type Lane = 'waiting' | 'hand' | 'ended';

export function laneOf(referral: ReferralJson, offer: OfferJson | undefined): Lane {
  const {state} = referral;
  if (state === 'REFERRAL_STATE_OPEN' && (offer === undefined || isWaiting(offer))) {
    return 'waiting';
  }
  const isOurs = offer === undefined || offer.state === 'OFFER_STATE_ACCEPTED';
  const goesOn = state === 'REFERRAL_STATE_MATCHED' || state === 'REFERRAL_STATE_IN_SERVICE';
  return goesOn && isOurs ? 'hand' : 'ended';
}

/** "REFERRAL_STATE_IN_SERVICE" → "in_service". */
export function bare(value: string | undefined): string {
  return (value ?? '')
    .replace(/^(REFERRAL_STATE|OFFER_STATE|URGENCY|CLOCK_STEP|REFERRAL_MODE)_/, '').toLowerCase();
}
