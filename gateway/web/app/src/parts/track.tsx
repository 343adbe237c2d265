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

/** The ending that is none of the steps: declined, cancelled, expired, … */
export function endingOf(referral: ReferralJson, offer: OfferJson | undefined): string {
  const state = bare(referral.state);
  if (['cancelled', 'closed', 'entered_in_error'].includes(state)) return state;
  const ended = ['declined', 'expired', 'withdrawn', 'fell_through'];
  const offerState = bare(offer?.state);
  return ended.includes(offerState) ? offerState : '';
}

export function Track({referral, offer}: {referral: ReferralJson; offer: OfferJson | undefined}) {
  const words = useWords();
  const steps = stepsOf(referral, offer);
  const ending = endingOf(referral, offer);
  const next = steps.findIndex((step) => !step.done);
  return (
    <ol className="track" aria-label={words.t('track')}>
      {steps.map(({word, done, time}, at) => (
        <li
          key={word} data-done={done}
          aria-current={ending === '' && at === next - 1 ? 'step' : undefined}
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
