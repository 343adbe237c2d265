// How far a hand-off has come: Sent → Delivered → Opened → Accepted → In service → Completed. Or
// where it ended.
import type {OfferJson, ReferralJson} from '../types';
import {bare} from '../hub';
import {useWords, type WordKey} from '../words';

type Step = {word: WordKey; done: boolean; time: string | undefined};

function stepsOf(referral: ReferralJson, offer: OfferJson | undefined): Step[] {
  const state = bare(referral.state);
  const accepted = offer?.state === 'OFFER_STATE_ACCEPTED';
  const served = state === 'in_service' || state === 'completed';
  return [
    {word: 'track.sent', done: offer?.sendTime !== undefined, time: offer?.sendTime},
    {word: 'track.delivered', done: offer?.deliverTime !== undefined, time: offer?.deliverTime},
    {word: 'track.opened', done: offer?.openTime !== undefined, time: offer?.openTime},
    {word: 'track.accepted', done: accepted, time: accepted ? offer?.decideTime : undefined},
    {word: 'track.in_service', done: served, time: undefined},
    {
      word: 'track.completed', done: state === 'completed',
      time: state === 'completed' ? referral.updateTime : undefined,
    },
  ];
}

/** The ending that is none of the steps: declined, cancelled, expired, … What the agency itself has
 * said says more than what became of the referral. */
export function endingOf(referral: ReferralJson, offer: OfferJson | undefined): string {
  const [state, offerState] = [bare(referral.state), bare(offer?.state)];
  if (['declined', 'expired', 'fell_through'].includes(offerState)) return offerState;
  if (['cancelled', 'closed', 'entered_in_error'].includes(state)) return state;
  return offerState === 'withdrawn' ? offerState : '';
}

export function Track({referral, offer}: {referral: ReferralJson; offer: OfferJson | undefined}) {
  const words = useWords();
  const ending = endingOf(referral, offer);
  // What cannot come any more is not shown as if it might.
  const steps = stepsOf(referral, offer).filter((step) => step.done || ending === '');
  const next = steps.findIndex((step) => !step.done);
  return (
    <ol className="track" aria-label={words.t('track')}>
      {steps.map(({word, done, time}, at) => (
        <li
          key={word} data-done={done}
          aria-current={ending === '' && at === (next < 0 ? steps.length : next) - 1 ? 'step' : undefined}
        >
          <span className="mark" aria-hidden="true">{done ? '✓' : ''}</span>
          <span className="step">{words.t(word)}
            {!done && <span className="hidden"> {words.t('track.not_yet')}</span>}
          </span>
          {time !== undefined && <time dateTime={time}>{words.time(time)}</time>}
        </li>
      ))}
      {ending !== '' && (
        <li data-ending="true">
          <span className="mark" aria-hidden="true">✕</span>
          <span className="step">{words.coded('state', ending)}</span>
        </li>
      )}
    </ol>
  );
}
