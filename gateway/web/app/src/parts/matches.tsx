// Who can help, ranked, each with why; and who was left out, with why not.
import {useQuery} from '@tanstack/react-query';

import {call, newId} from '../api';
import type {Draft} from '../draft';
import type {MatchJson, MatchReasonJson, MatchServicesResponseJson, MissJson} from '../types';
import {useWords, type Words} from '../words';
import {ErrorNote} from './notes';
import {useShortcuts} from './shortcuts';

const MOST_MISSES_SHOWN = 12;

export function isSearchable(draft: Draft): boolean {
  const hasPlace = /^\d{5}$/.test(draft.county) || (draft.county === '' && draft.state !== '');
  return draft.need !== '' && draft.urgency !== '' && hasPlace;
}

export function useMatches(draft: Draft) {
  const asked = {
    needCode: draft.need,
    urgency: `MATCH_URGENCY_${draft.urgency.toUpperCase()}`,
    ...(draft.county !== '' ? {county: draft.county} : {state: draft.state}),
    ...(draft.language !== '' ? {languages: [draft.language]} : {}),
    ...(draft.ageBand !== '' ? {ageBand: draft.ageBand} : {}),
  };
  return useQuery({
    queryKey: ['matches', asked],
    enabled: isSearchable(draft),
    queryFn: () => call<MatchServicesResponseJson>(
        'directory.v1.DirectoryService/MatchServices', {requestId: newId(), ...asked}),
  });
}

// A value is a code, a number or a language, and a time where there is one.
function whyOf(words: Words, {code = '', value = '', time}: MatchReasonJson): string {
  const isLanguage = code === 'language' || code === 'interpreter' ||
      code === 'language_not_available';
  const shown = isLanguage && value !== '' ? words.languageName(value) : value;
  const at = time === undefined ? '' : words.time(time);
  const ago = time === undefined ? '' : words.span(Date.now() - Date.parse(time));
  return words.coded('why', code, {value: shown, at, ago});
}

function Why({reasons}: {reasons: readonly MatchReasonJson[]}) {
  const words = useWords();
  return (
    <span className="why">
      {reasons.map((reason, at) => (
        <span key={at} data-why={reason.code}>{whyOf(words, reason)}</span>
      ))}
    </span>
  );
}

function Misses({misses}: {misses: readonly MissJson[]}) {
  const words = useWords();
  const near = misses.filter((miss) => miss.reason?.code !== 'service_not_provided');
  if (near.length === 0) return null;
  return (
    <details className="misses">
      <summary>{words.t('match.left_out', {count: near.length})}</summary>
      <ul>
        {near.slice(0, MOST_MISSES_SHOWN).map((miss) => (
          <li key={miss.serviceId}>
            <strong>{miss.serviceName}</strong>, {miss.agencyName}:{' '}
            {whyOf(words, miss.reason ?? {})}
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Matches({draft, onPick}: {draft: Draft; onPick: (match: MatchJson) => void}) {
  const words = useWords();
  const found = useMatches(draft);
  const matches = found.data?.matches ?? [];
  useShortcuts(Object.fromEntries(
      matches.slice(0, 9).map((match, at) => [String(at + 1), () => onPick(match)])));
  if (!isSearchable(draft)) return <p className="hint">{words.t('match.first')}</p>;
  if (found.isPending) return <div className="skeleton" aria-hidden="true" />;
  return (
    <>
      <ErrorNote error={found.error} />
      <p className="hidden" role="status">{words.t('match.found', {count: matches.length})}</p>
      {found.isSuccess && matches.length === 0 && (
        <p className="note">{words.t('match.nobody')}</p>
      )}
      <ol className="matches">
        {matches.map((match, at) => {
          const {id, name, agencyName} = match.service ?? {};
          return (
            <li key={id}>
              <button
                type="button" aria-pressed={draft.serviceId === id} onClick={() => onPick(match)}
              >
                <kbd aria-hidden="true">{at + 1}</kbd>
                <span className="match-who"><strong>{agencyName}</strong><span>{name}</span></span>
                <Why reasons={match.reasons ?? []} />
              </button>
            </li>
          );
        })}
      </ol>
      <Misses misses={found.data?.misses ?? []} />
    </>
  );
}
