// A new referral, from the need to the sealed packet, on one page from top to bottom.
import {type ReactNode, useMemo} from 'react';
import {useLocation} from 'wouter';

import {type Draft, useDraft} from '../draft';
import {queries, useReleases} from '../hub';
import {useLabels} from '../parts/labels';
import {Matches} from '../parts/matches';
import {NeedForm} from '../parts/need_form';
import {useSay} from '../parts/notes';
import {contentOf, PacketForm} from '../parts/packet_form';
import {allowedCategories, isUsable, ReleaseChoice} from '../parts/release_choice';
import {SendPanel} from '../parts/send_panel';
import {useDevice, useSigned} from '../parts/signed';
import {useWords} from '../words';

function Part({number, title, children}: {number: number; title: string; children: ReactNode}) {
  return (
    <section className="part" aria-labelledby={`part-${number}`}>
      <h2 id={`part-${number}`}><span className="number" aria-hidden="true">{number}</span>{title}</h2>
      <div className="part-body">{children}</div>
    </section>
  );
}

interface Props {
  draft: Draft;
  change: (by: Partial<Draft>) => void;
  drop: () => Promise<void>;
}

function Parts({draft, change, drop}: Props) {
  const words = useWords();
  const say = useSay();
  const labels = useLabels();
  const [, navigate] = useLocation();
  const hasKeys = useDevice().data?.step === 'ready';
  const releases = useReleases().data;
  const release = useMemo(
      () => (releases ?? [])
        .find((each) => each.id === draft.releaseId && isUsable(each, draft.agencyId)),
      [releases, draft.releaseId, draft.agencyId]);
  const allowed = useMemo(() => release === undefined ? [] : allowedCategories(release), [release]);
  const content = useMemo(() => contentOf(draft, allowed), [draft, allowed]);
  const agency = labels.agency(draft.agencyId);
  const onSent = (referralId: string) => {
    say(words.t('sent', {agency}));
    void drop().then(() => {
      void queries.invalidateQueries({queryKey: ['referrals']});
      navigate(`/sent/${referralId}`);
    });
  };
  return (
    <>
      <Part number={1} title={words.t('new.what')}>
        <NeedForm draft={draft} change={change} />
      </Part>
      <Part number={2} title={words.t('new.who')}>
        <Matches
          draft={draft}
          onPick={({service}) => change({
            agencyId: service?.agencyId ?? '', serviceId: service?.id ?? '', releaseId: '',
          })}
        />
      </Part>
      {draft.agencyId !== '' && (
        <Part number={3} title={words.t('new.release')}>
          <ReleaseChoice
            draft={draft} agencyName={agency}
            onChoose={(chosen) => change({
              releaseId: chosen.id ?? '',
              purpose: chosen.purposes?.includes('referral') ? 'referral' :
                chosen.purposes?.[0] ?? '',
            })}
          />
        </Part>
      )}
      {release !== undefined && (
        <Part number={4} title={words.t('new.packet')}>
          <PacketForm draft={draft} change={change} allowed={allowed} />
        </Part>
      )}
      {release !== undefined && (
        <Part number={5} title={words.t('new.seen')}>
          {hasKeys ?
            <SendPanel
              key={`${draft.agencyId} ${release.id}`} draft={draft} release={release}
              content={content} onSent={onSent}
            /> :
            <p className="note">{words.t('keys.banner')}</p>}
        </Part>
      )}
    </>
  );
}

export function NewReferralPage() {
  const words = useWords();
  const {keyring} = useSigned();
  const [draft, change, drop] = useDraft(keyring.store);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.t('nav.new')}</h1>
        <p className="hint">{words.t('new.draft')}</p>
        <button type="button" className="quiet" onClick={() => void drop()}>
          {words.t('new.drop')}
        </button>
      </header>
      {draft !== undefined && <Parts draft={draft} change={change} drop={drop} />}
    </div>
  );
}
