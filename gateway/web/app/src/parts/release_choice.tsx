// Under which release: one that is in force and names the agency, or one that is recorded now.
import {useState} from 'react';

import type {Draft} from '../draft';
import {useReleases} from '../hub';
import type {ReleaseJson} from '../types';
import {useWords} from '../words';
import {ErrorNote} from './notes';
import {ReleaseForm} from './release_form';

/** In force now, to that agency. */
export function isUsable(release: ReleaseJson, agencyId: string): boolean {
  const now = Date.now();
  return release.state === 'RELEASE_STATE_ACTIVE' &&
      (release.recipientAgencyIds ?? []).includes(agencyId) &&
      Date.parse(release.effectiveTime ?? '') <= now && Date.parse(release.expireTime ?? '') > now;
}

/** What may be said under it. */
export function allowedCategories(release: ReleaseJson): string[] {
  return (release.categories ?? [])
    .filter((each) => !(release.excludedCategories ?? []).includes(each));
}

function Summary({release}: {release: ReleaseJson}) {
  const words = useWords();
  return (
    <span className="release">
      <strong>
        {words.list(allowedCategories(release).map((code) => words.coded('category', code)))}
      </strong>
      <span>
        {words.list((release.purposes ?? []).map((code) => words.coded('purpose', code)))}{' · '}
        {words.t('release.until', {day: words.day(release.expireTime)})}{' · '}
        {words.t('release.case', {handle: (release.caseHandle ?? '').slice(-6)})}
      </span>
    </span>
  );
}

interface Props {
  draft: Draft;
  agencyName: string;
  onChoose: (release: ReleaseJson) => void;
}

export function ReleaseChoice({draft, agencyName, onChoose}: Props) {
  const words = useWords();
  const found = useReleases();
  const [isNew, setNew] = useState(false);
  const [number, setNumber] = useState('');
  const usable = (found.data ?? []).filter((each) => isUsable(each, draft.agencyId));
  return (
    <>
      <ErrorNote error={found.error} />
      {found.isSuccess && usable.length === 0 && !isNew && (
        <p className="hint">{words.t('release.none', {agency: agencyName})}</p>
      )}
      <div className="options">
        {usable.map((release) => (
          <label key={release.id} className="option">
            <input
              type="radio" name="release" checked={draft.releaseId === release.id}
              onChange={() => {
                setNew(false);
                onChoose(release);
              }}
            />
            <Summary release={release} />
          </label>
        ))}
      </div>
      {number !== '' && (
        <p className="note good">{words.t('release.number')} <code>{number}</code></p>
      )}
      {isNew ? (
        <ReleaseForm
          agencyId={draft.agencyId} agencyName={agencyName} state={draft.state}
          onRecorded={(release, artefactId) => {
            setNew(false);
            setNumber(artefactId);
            onChoose(release);
          }}
          onCancel={() => setNew(false)}
        />
      ) : (
        <button type="button" onClick={() => setNew(true)}>{words.t('release.new')}</button>
      )}
    </>
  );
}
