// Who will see this: said in full above the button that names them. Then sealed here, and sent.
import {useQuery} from '@tanstack/react-query';
import {useEffect, useRef, useState} from 'react';

import {call, HubError, newId} from '../api';
import type {Draft} from '../draft';
import type {Keyring, Recipient} from '../keys';
import {checkedReleaseHash, type PacketContent, sealPacket} from '../packets';
import type {ReleaseJson} from '../types';
import {useWords} from '../words';
import {useLabels} from './labels';
import {ErrorNote} from './notes';
import {useSigned} from './signed';

interface Props {
  draft: Draft;
  release: ReleaseJson;
  content: PacketContent;
  onSent: (referralId: string) => void;
}

function facetsOf(draft: Draft) {
  return {
    needCode: draft.need,
    urgency: `URGENCY_${draft.urgency.toUpperCase()}`,
    ...(draft.ageBand !== '' ? {ageBand: draft.ageBand} : {}),
    ...(draft.language !== '' ? {languages: [draft.language]} : {}),
    ...(draft.county !== '' ? {county: draft.county} : {}),
  };
}

/** A call that can be repeated: the same ids and the same packet, so that nothing is sent twice. */
async function prepare(
    keyring: Keyring, {draft, release, content}: Omit<Props, 'onSent'>, recipient: Recipient) {
  const referralId = newId();
  return {
    requestId: newId(), referralId,
    caseHandle: release.caseHandle ?? '', facets: facetsOf(draft),
    recipientAgencyId: recipient.agencyId, serviceId: draft.serviceId, releaseId: release.id ?? '',
    packet: await sealPacket(keyring, release, recipient, referralId, draft.purpose, content),
  };
}

function Seen({draft, release, content}: Omit<Props, 'onSent'>) {
  const words = useWords();
  const labels = useLabels();
  const {person} = useSigned();
  const clear = [
    labels.need(draft.need), words.coded('urgency', draft.urgency), draft.county, draft.ageBand,
    draft.language === '' ? '' : words.languageName(draft.language),
  ].filter((each) => each !== '');
  const sealed = Object.keys(content).map((code) => words.coded('category', code));
  return (
    <ul className="seen">
      <li>{words.t('seen.them', {
        agency: labels.agency(draft.agencyId), day: words.day(release.expireTime),
      })}</li>
      <li>{words.t('seen.us', {agency: person.agencyName})}</li>
      <li>{words.t('seen.nobody')}</li>
      <li>{words.t('seen.sealed', {categories: words.list(sealed)})}</li>
      <li>{words.t('seen.clear', {facets: words.list(clear)})}</li>
    </ul>
  );
}

function useSending(props: Props, recipient: Recipient | undefined) {
  const {keyring} = useSigned();
  const prepared = useRef<Awaited<ReturnType<typeof prepare>> | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const {draft, release, content} = props;
  // Something else is another packet.
  useEffect(() => {
    prepared.current = undefined;
    setError(undefined);
  }, [draft, release, content]);
  const send = async (allowDuplicateService: boolean) => {
    if (recipient === undefined || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      if (!recipient.confirmed) await keyring.confirm(recipient);
      prepared.current ??= await prepare(keyring, props, recipient);
      // Another answer to "is it there already?" is another request.
      if (allowDuplicateService) prepared.current.requestId = newId();
      await call('referral.v1.ReferralService/SendReferral', {
        ...prepared.current, allowDuplicateService,
      });
      props.onSent(prepared.current.referralId);
    } catch (refusal) {
      // Only what may have arrived unheard is repeated as it was.
      const isUnheard = refusal instanceof HubError &&
          ['NOT_REACHED', 'DUPLICATE_SERVICE'].includes(refusal.reason);
      if (!isUnheard) prepared.current = undefined;
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return {busy, error, send};
}

export function SendPanel(props: Props) {
  const {draft, release, content} = props;
  const words = useWords();
  const labels = useLabels();
  const {keyring} = useSigned();
  const [compared, setCompared] = useState(false);
  const recipient = useQuery({
    queryKey: ['recipient', draft.agencyId],
    staleTime: 60_000,
    queryFn: async () => {
      await checkedReleaseHash(release);
      return keyring.recipient(draft.agencyId);
    },
  });
  const {busy, error, send} = useSending(props, recipient.data);
  const agency = labels.agency(draft.agencyId);
  const isNew = recipient.data !== undefined && !recipient.data.confirmed;
  const isDuplicate = error instanceof HubError && error.reason === 'DUPLICATE_SERVICE';
  const isReady = recipient.data !== undefined && Object.keys(content).length > 0 &&
      (!isNew || compared) && !busy;
  return (
    <>
      <Seen draft={draft} release={release} content={content} />
      <ErrorNote error={recipient.error} />
      {isNew && (
        <div className="note">
          <p>{words.t('first.use', {agency})}</p>
          <p className="fingerprint">{recipient.data?.fingerprint}</p>
          <label className="check">
            <input
              type="checkbox" checked={compared}
              onChange={(event) => setCompared(event.target.checked)}
            />
            {words.t('first.compared')}
          </label>
        </div>
      )}
      {Object.keys(content).length === 0 && <p className="hint">{words.t('send.empty')}</p>}
      <ErrorNote error={error} />
      <div className="actions">
        <button
          type="button" className="main" disabled={!isReady} onClick={() => void send(isDuplicate)}
        >
          {words.t(isDuplicate ? 'send.again' : 'send', {agency})}
        </button>
      </div>
    </>
  );
}
