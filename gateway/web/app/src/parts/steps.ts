// What may be done with a referral from here: the verbs, their keys, and which codes they need. As
// docs/states.md has them; the hub decides.
import {call, newId} from '../api';
import {type Box, isWaiting, queries} from '../hub';
import type {OfferJson, ReferralJson} from '../types';
import type {WordKey} from '../words';

export interface Step {
  readonly name: string;
  readonly key: string;
  readonly label: WordKey;
  readonly done: WordKey;     // said when the hub has it
  readonly isMain: boolean;
  readonly family: '' | 'decline' | 'cancel' | 'outcome' | 'fell';  // a code is asked for; or none
  readonly codes: readonly string[];
  readonly run: (code: string) => Promise<unknown>;
}

const REFERRALS = 'referral.v1.ReferralService/';

const DECLINE = [
  'no_capacity', 'not_eligible', 'service_not_provided', 'out_of_area', 'language_not_available',
  'already_served_here', 'safety_concern', 'needs_higher_level_of_care', 'insufficient_information',
  'missing_documents', 'conflict_of_interest', 'other',
];
const CANCEL = ['client_withdrew', 'matched_elsewhere', 'sent_in_error', 'duplicate'];
const OUTCOME = ['enrolled', 'enrolled_waitlist', 'served_once', 'information_only'];
const FELL = [
  'client_declined', 'client_not_reached', 'no_show', 'unsafe_environment', 'placed_elsewhere',
  'barriers_immigration', 'other',
];

const plain = {isMain: false, family: '', codes: []} as const;

function onOffer(method: string, referral: ReferralJson, offer: OfferJson, rest: object) {
  return call(`${REFERRALS}${method}`, {
    requestId: newId(), offerId: offer.id, etag: referral.etag, ...rest,
  });
}

function onReferral(method: string, referral: ReferralJson, rest: object) {
  return call(`${REFERRALS}${method}`, {
    requestId: newId(), referralId: referral.id, etag: referral.etag, ...rest,
  });
}

function answers(referral: ReferralJson, offer: OfferJson): Step[] {
  const decline: Step = {
    ...plain, name: 'decline', key: '3', label: 'do.decline', done: 'did.decline',
    family: 'decline', codes: DECLINE,
    run: (reasonCode) => onOffer('DeclineOffer', referral, offer, {reasonCode}),
  };
  if (referral.mode === 'REFERRAL_MODE_SURVIVOR_CHOOSES') {
    const say = (answer: string) => () => onOffer('AnswerOffer', referral, offer, {answer});
    return [
      {
        ...plain, name: 'yes', key: '1', label: 'do.yes', done: 'did.answer', isMain: true,
        run: say('OFFER_ANSWER_YES'),
      },
      {
        ...plain, name: 'maybe', key: '2', label: 'do.maybe', done: 'did.answer',
        run: say('OFFER_ANSWER_MAYBE'),
      },
      decline,
    ];
  }
  return [
    {
      ...plain, name: 'accept', key: '1', label: 'do.accept', done: 'did.accept', isMain: true,
      run: () => onOffer('AcceptOffer', referral, offer, {}),
    },
    decline,
  ];
}

function asRecipient(referral: ReferralJson, offer: OfferJson | undefined): Step[] {
  if (offer === undefined) return [];
  const {state} = referral;
  if (state === 'REFERRAL_STATE_OPEN' && isWaiting(offer)) return answers(referral, offer);
  if (offer.state !== 'OFFER_STATE_ACCEPTED') return [];
  if (state === 'REFERRAL_STATE_MATCHED') {
    return [
      {
        ...plain, name: 'start', key: 's', label: 'do.start', done: 'did.start', isMain: true,
        run: () => onReferral('StartService', referral, {}),
      },
      {
        ...plain, name: 'reopen', key: 'x', label: 'do.reopen', done: 'did.reopen',
        family: 'fell', codes: FELL,
        run: (reasonCode) => onReferral('ReopenReferral', referral, {reasonCode}),
      },
    ];
  }
  if (state !== 'REFERRAL_STATE_IN_SERVICE') return [];
  return [
    {
      ...plain, name: 'complete', key: 'c', label: 'do.complete', done: 'did.complete',
      isMain: true, family: 'outcome', codes: OUTCOME,
      run: (outcomeCode) => onReferral('CompleteReferral', referral, {outcomeCode}),
    },
  ];
}

function asSender(referral: ReferralJson): Step[] {
  const cancels = ['REFERRAL_STATE_OPEN', 'REFERRAL_STATE_MATCHED'];
  if (!cancels.includes(referral.state ?? '')) return [];
  return [{
    ...plain, name: 'cancel', key: 'x', label: 'do.cancel', done: 'did.cancel',
    family: 'cancel', codes: CANCEL,
    run: (reasonCode) => onReferral('CancelReferral', referral, {reasonCode}),
  }];
}

export function stepsFor(
    box: Box, referral: ReferralJson, offer: OfferJson | undefined): Step[] {
  return box === 'inbox' ? asRecipient(referral, offer) : asSender(referral);
}

/** After a step, done or refused: what is shown is read anew. */
export async function refresh(referralId: string): Promise<void> {
  await Promise.all([['referrals'], ['referral', referralId], ['timeline', referralId]]
    .map((queryKey) => queries.invalidateQueries({queryKey})));
}
