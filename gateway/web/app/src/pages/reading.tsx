// One referral: how far it has come, what stands in clear, the packet, what can be done, its story.
import {useState} from 'react';
import {Link} from 'wouter';

import {HubError} from '../api';
import {bare, type Box, isWaiting, ownOffer, useReferral, useTimeline} from '../hub';
import {type OpenedPacket, openPacket} from '../packets';
import {ChoiceDialog} from '../parts/dialog';
import {type Labels, useLabels} from '../parts/labels';
import {ErrorNote, useSay} from '../parts/notes';
import {Clock, useNow} from '../parts/now';
import {PacketView} from '../parts/packet_view';
import {useShortcuts} from '../parts/shortcuts';
import {useDevice, useSigned} from '../parts/signed';
import {refresh, type Step, stepsFor} from '../parts/steps';
import {Track} from '../parts/track';
import type {OfferJson, ReferralJson} from '../types';
import {useWords} from '../words';

function Facets({referral}: {referral: ReferralJson}) {
  const words = useWords();
  const {facets = {}} = referral;
  const rows: Array<[string, string]> = [
    [words.t('facet.languages'),
     (facets.languages ?? []).map((tag) => words.languageName(tag)).join(', ')],
    [words.t('facet.age'), facets.ageBand ?? ''],
    [words.t('facet.county'), facets.county ?? ''],
    [words.t('facet.household'), facets.householdSize ? String(facets.householdSize) : ''],
    [words.t('facet.release'),
     words.list((referral.categories ?? []).map((code) => words.coded('category', code)))],
    [words.t('facet.purpose'),
     referral.purpose ? words.coded('purpose', referral.purpose) : ''],
  ];
  return (
    <dl className="facts">
      {rows.filter(([, value]) => value !== '').map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

function Story({id, labels}: {id: string; labels: Labels}) {
  const words = useWords();
  const entries = useTimeline(id).data ?? [];
  if (entries.length === 0) return null;
  return (
    <details className="story" open>
      <summary><h3>{words.t('story')}</h3></summary>
      <ol>
        {entries.map((entry, at) => (
          <li key={at}>
            <time dateTime={entry.time}>{words.time(entry.time)}</time>
            <span>{words.coded('event', entry.event ?? '')}
              {entry.agencyId ? ` · ${labels.agency(entry.agencyId)}` : ''}
              {entry.reasonCode ? ` · ${words.coded('reason', entry.reasonCode)}` : ''}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Steps and their keys; a step that needs a code asks for it first. */
function useSteps(referralId: string) {
  const words = useWords();
  const say = useSay();
  const [asks, setAsks] = useState<Step | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const run = async (step: Step, code: string) => {
    setAsks(undefined);
    setBusy(true);
    setError(undefined);
    try {
      await step.run(code);
      say(words.t(step.done));
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
      await refresh(referralId);
    }
  };
  const begin = (step: Step) => {
    if (busy) return;
    if (step.family === '') void run(step, '');
    else setAsks(step);
  };
  return {asks, setAsks, busy, error, begin, run};
}

function Actions({box, referral, offer, opening, onOpen, canOpen}: {
  box: Box; referral: ReferralJson; offer: OfferJson | undefined; opening: boolean;
  onOpen: () => void; canOpen: boolean;
}) {
  const words = useWords();
  const steps = stepsFor(box, referral, offer);
  const {asks, setAsks, busy, error, begin, run} = useSteps(referral.id ?? '');
  useShortcuts({
    ...Object.fromEntries(steps.map((step) => [step.key, () => begin(step)])),
    o: canOpen ? onOpen : undefined,
  });
  if (steps.length === 0 && !canOpen) return <ErrorNote error={error} />;
  return (
    <>
      <div className="actions" role="group" aria-label={words.t('do')}>
        {canOpen && (
          <button type="button" disabled={opening} onClick={onOpen}>
            <kbd aria-hidden="true">O</kbd>{words.t('do.open')}
          </button>
        )}
        {steps.map((step) => (
          <button
            key={step.name} type="button" className={step.isMain ? 'main' : undefined}
            disabled={busy} onClick={() => begin(step)}
          >
            <kbd aria-hidden="true">{step.key.toUpperCase()}</kbd>{words.t(step.label)}
          </button>
        ))}
      </div>
      <ErrorNote error={error} />
      {error instanceof HubError && error.reason === 'ETAG_MISMATCH' && (
        <p className="hint">{words.t('changed')}</p>
      )}
      {asks !== undefined && (
        <ChoiceDialog
          title={words.t(asks.label)} hint={words.t('choose.hint')}
          choices={asks.codes.map((code) => ({code, label: words.coded('reason', code)}))}
          onChoose={(code) => void run(asks, code)} onClose={() => setAsks(undefined)}
        />
      )}
    </>
  );
}

function usePacket(referralId: string) {
  const {keyring} = useSigned();
  const [opened, setOpened] = useState<OpenedPacket | undefined>(undefined);
  const [opening, setOpening] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const open = () => {
    setOpening(true);
    setError(undefined);
    openPacket(keyring, referralId).then(setOpened, setError).finally(() => {
      setOpening(false);
      void refresh(referralId);
    });
  };
  return {opened, opening, error, open, close: () => setOpened(undefined)};
}

function Heading({box, referral, offer, labels}: {
  box: Box; referral: ReferralJson; offer: OfferJson | undefined; labels: Labels;
}) {
  const words = useWords();
  const now = useNow(10_000);
  const {facets = {}} = referral;
  const other = box === 'inbox' ? referral.senderAgencyId : offer?.recipientAgencyId;
  const urgency = bare(facets.urgency);
  return (
    <header className="reading-head">
      <p className="over">
        <span className="urgency" data-urgency={urgency}>{words.coded('urgency', urgency)}</span>
        {isWaiting(offer) && <Clock end={offer?.expireTime} now={now} />}
      </p>
      <h2 tabIndex={-1}>{labels.need(facets.needCode)}</h2>
      <p className="from">
        {other === undefined ? '' :
          words.t(box === 'inbox' ? 'from' : 'to', {agency: labels.agency(other)})}
      </p>
    </header>
  );
}

export function Reading({box, id}: {box: Box; id: string}) {
  const words = useWords();
  const labels = useLabels();
  const {person} = useSigned();
  const device = useDevice().data;
  const found = useReferral(id);
  const packet = usePacket(id);
  const referral = found.data;
  if (found.error !== null) return <ErrorNote error={found.error} />;
  if (referral === undefined) return <div className="skeleton" aria-hidden="true" />;
  const offer = box === 'inbox' ?
      ownOffer(referral, person.agencyId) : (referral.offers ?? []).at(-1);
  const canOpen = referral.hasPacket === true && device?.step === 'ready' &&
      packet.opened === undefined;
  return (
    <article className="reading" aria-label={labels.need(referral.facets?.needCode)}>
      <p className="back"><Link href={`/${box}`}>← {words.t('back')}</Link></p>
      <Heading box={box} referral={referral} offer={offer} labels={labels} />
      <Actions
        box={box} referral={referral} offer={offer} opening={packet.opening}
        onOpen={packet.open} canOpen={canOpen}
      />
      <ErrorNote error={packet.error} />
      {packet.opened !== undefined && <PacketView opened={packet.opened} onClose={packet.close} />}
      <Track referral={referral} offer={offer} />
      <Facets referral={referral} />
      <Story id={id} labels={labels} />
    </article>
  );
}
