// This browser's own key, and the agency's keys that a colleague hands to it. Nothing is confirmed
// by itself: two people compare fingerprints, both ways (docs/decisions/0008-keys.md).
import {useState} from 'react';
import {Link} from 'wouter';

import {queries} from '../hub';
import type {DeviceState, Offer} from '../keys';
import {ErrorNote, useSay} from '../parts/notes';
import {useDevice, useSigned} from '../parts/signed';
import {useWords} from '../words';

const again = () => queries.invalidateQueries({queryKey: ['device']});

/** Runs what a button does; what goes wrong is shown. */
function useAct(): {busy: boolean; error: unknown; act: (work: () => Promise<unknown>) => void} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const act = (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    work().catch(setError).finally(() => setBusy(false));
  };
  return {busy, error, act};
}

function Begin() {
  const words = useWords();
  const {keyring} = useSigned();
  const {busy, error, act} = useAct();
  return (
    <>
      <p>{words.t('keys.none')}</p>
      <button
        type="button" className="main" disabled={busy}
        onClick={() => act(async () => {
          await keyring.registerDevice();
          await again();
        })}
      >
        {words.t('keys.begin')}
      </button>
      <ErrorNote error={error} />
    </>
  );
}

function Waiting({state}: {state: DeviceState & {step: 'waiting'}}) {
  const words = useWords();
  const {person} = useSigned();
  const {busy, error, act} = useAct();
  return (
    <>
      <p>{words.t('keys.waiting')}</p>
      <p className="fingerprint" data-testid="fingerprint">{state.fingerprint}</p>
      <p>{words.t('keys.command')}</p>
      <pre><code data-testid="command">
        {`fairlead key confirm ${state.id} --person ${person.staffId}`}
      </code></pre>
      <p className="hint">{words.t('keys.waiting.hint')}</p>
      <button type="button" disabled={busy} onClick={() => act(again)}>
        {words.t('keys.check')}
      </button>
      <ErrorNote error={error} />
    </>
  );
}

function Compare({offer}: {offer: Offer}) {
  const words = useWords();
  const say = useSay();
  const {keyring} = useSigned();
  const {busy, error, act} = useAct();
  return (
    <>
      <p>{words.t('keys.compare')}</p>
      <p className="fingerprint" data-testid="agency-fingerprint">{offer.agencyFingerprint}</p>
      {offer.rootFingerprint !== '' && (
        <>
          <p>{words.t('keys.compare.root')}</p>
          <p className="fingerprint">{offer.rootFingerprint}</p>
        </>
      )}
      <p className="hint">{words.t('keys.compare.hint')}</p>
      <button
        type="button" className="main" disabled={busy}
        onClick={() => act(async () => {
          await keyring.take(offer);
          await again();
          say(words.t('keys.taken'));
        })}
      >
        {words.t('keys.same')}
      </button>
      <ErrorNote error={error} />
    </>
  );
}

export function KeysPage() {
  const words = useWords();
  const device = useDevice();
  const state = device.data;
  return (
    <section className="page narrow">
      <h1>{words.t('keys.title')}</h1>
      <p className="lead">{words.t('keys.lead')}</p>
      <ErrorNote error={device.error} />
      {state?.step === 'none' && <Begin />}
      {state?.step === 'waiting' && <Waiting state={state} />}
      {state?.step === 'offered' && <Compare offer={state.offer} />}
      {state?.step === 'ready' && (
        <>
          <p className="note good" role="status">{words.t('keys.ready')}</p>
          <dl className="facts">
            <div><dt>{words.t('keys.fingerprint')}</dt><dd><code>{state.fingerprint}</code></dd></div>
          </dl>
          <p><Link href="/inbox" className="button main">{words.t('keys.go')}</Link></p>
        </>
      )}
    </section>
  );
}
