// What was handed to the agency, or what it has handed on: the list, and the one that is read.
import {useEffect, useMemo, useRef, useState} from 'react';
import {Link, useLocation} from 'wouter';

import {bare, type Box, type Lane, isWaiting, laneOf, ownOffer, useReferrals} from '../hub';
import {useLabels} from '../parts/labels';
import {ErrorNote} from '../parts/notes';
import {Clock, useNow} from '../parts/now';
import {useShortcuts} from '../parts/shortcuts';
import {useSigned} from '../parts/signed';
import {endingOf} from '../parts/track';
import type {OfferJson, ReferralJson} from '../types';
import {useWords} from '../words';
import {Reading} from './reading';

interface Row {
  id: string;
  referral: ReferralJson;
  offer: OfferJson | undefined;
  lane: Lane;
}

const LANES: readonly Lane[] = ['waiting', 'hand', 'ended'];

// Those that end soonest stand first; of what has ended the latest.
function rowsOf(box: Box, referrals: readonly ReferralJson[], agencyId: string): Row[] {
  const rows = referrals.map((referral) => {
    const offer = box === 'inbox' ?
        ownOffer(referral, agencyId) : (referral.offers ?? []).at(-1);
    return {id: referral.id ?? '', referral, offer, lane: laneOf(referral, offer)};
  });
  const end = (row: Row) => Date.parse(row.offer?.expireTime ?? '') || Infinity;
  const changed = (row: Row) => Date.parse(row.referral.updateTime ?? '') || 0;
  return rows.sort((a, b) =>
    a.lane === 'ended' ? changed(b) - changed(a) : end(a) - end(b) || changed(b) - changed(a));
}

/**
 * The order on the screen. While a row has the focus nothing moves under the finger: what is new
 * waits behind "3 new ↑".
 */
function useSteadyOrder(rows: readonly Row[], isHeld: () => boolean):
    {shown: Row[]; fresh: number; show: () => void} {
  const order = useRef<readonly string[]>([]);
  const [, redraw] = useState(0);
  const ids = rows.map((row) => row.id);
  if (!isHeld() || order.current.length === 0) order.current = ids;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const shown = order.current.flatMap((id) => byId.get(id) ?? []);
  const fresh = ids.filter((id) => !order.current.includes(id)).length;
  const show = () => {
    order.current = ids;
    redraw((count) => count + 1);
  };
  return {shown, fresh, show};
}

function RowLink({box, row, now, isCurrent}: {
  box: Box; row: Row; now: number; isCurrent: boolean;
}) {
  const words = useWords();
  const labels = useLabels();
  const {referral, offer, id} = row;
  const urgency = bare(referral.facets?.urgency);
  const other = box === 'inbox' ? referral.senderAgencyId : offer?.recipientAgencyId;
  const state = endingOf(referral, offer) ||
      (row.lane === 'waiting' ? bare(offer?.state) : bare(referral.state));
  const isNew = box === 'inbox' && row.lane === 'waiting' && offer?.openTime === undefined;
  return (
    <Link
      href={`/${box}/${id}`} className="row" data-row={id} data-new={isNew}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <span className="row-top">
        <span className="urgency" data-urgency={urgency}>{words.coded('urgency', urgency)}</span>
        {isWaiting(offer) && <Clock end={offer?.expireTime} now={now} />}
      </span>
      <span className="row-need">{labels.need(referral.facets?.needCode)}</span>
      <span className="row-low">
        <span>{other === undefined ? '' : labels.agency(other)}</span>
        <span className="state">{words.coded('state', state)}</span>
      </span>
    </Link>
  );
}

function Empty({box, lane}: {box: Box; lane: Lane}) {
  const words = useWords();
  return (
    <div className="empty">
      <p>{words.coded('empty', `${box}.${lane}`)}</p>
      {lane === 'waiting' && (
        <Link href="/new" className="button">{words.t('nav.new')}</Link>
      )}
    </div>
  );
}

// Up and down the list; the row that has the focus is the one that keys act on.
function useRowKeys(list: React.RefObject<HTMLElement | null>): void {
  const move = (by: number) => {
    const rows = [...list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? []];
    const at = rows.findIndex((row) => row === document.activeElement);
    const from = at >= 0 ? at : rows.findIndex((row) => row.ariaCurrent === 'true');
    rows[Math.min(Math.max(from + by, 0), rows.length - 1)]?.focus();
  };
  useShortcuts({
    j: () => move(1), k: () => move(-1),
    ArrowDown: () => list.current?.contains(document.activeElement) ? move(1) : false,
    ArrowUp: () => list.current?.contains(document.activeElement) ? move(-1) : false,
  });
}

function List({box, rows, lane, current}: {
  box: Box; rows: readonly Row[]; lane: Lane; current: string;
}) {
  const words = useWords();
  const now = useNow(10_000);
  const list = useRef<HTMLElement>(null);
  const isHeld = () => list.current?.contains(document.activeElement) ?? false;
  const {shown, fresh, show} = useSteadyOrder(rows, isHeld);
  useRowKeys(list);
  return (
    <nav className="list" aria-label={words.t(box === 'inbox' ? 'nav.inbox' : 'nav.sent')} ref={list}>
      {fresh > 0 && (
        <button type="button" className="fresh" onClick={show}>
          {words.t('fresh', {count: fresh})} <span aria-hidden="true">↑</span>
        </button>
      )}
      {shown.map((row) => (
        <RowLink key={row.id} box={box} row={row} now={now} isCurrent={row.id === current} />
      ))}
      {rows.length === 0 && <Empty box={box} lane={lane} />}
    </nav>
  );
}

export function InboxPage({box, id}: {box: Box; id: string}) {
  const words = useWords();
  const {person} = useSigned();
  const [, navigate] = useLocation();
  const found = useReferrals(box);
  const [lane, setLane] = useState<Lane>('waiting');
  const rows = useMemo(
      () => rowsOf(box, found.data ?? [], person.agencyId), [box, found.data, person.agencyId]);
  const title = words.t(box === 'inbox' ? 'nav.inbox' : 'nav.sent');
  useEffect(() => setLane('waiting'), [box]);
  // The lane of what is read, so that it stands in the list beside it.
  const at = rows.find((row) => row.id === id)?.lane;
  useEffect(() => {
    if (at !== undefined) setLane(at);
  }, [id, at]);
  useShortcuts({Escape: () => id === '' ? false : navigate(`/${box}`)});
  const inLane = rows.filter((row) => row.lane === lane);
  return (
    <div className="two" data-reading={id !== ''}>
      <section className="left" aria-labelledby="box-title">
        <header className="left-head">
          <h1 id="box-title">{title}</h1>
          <div className="lanes" role="group" aria-label={words.t('lanes')}>
            {LANES.map((each) => (
              <button
                key={each} type="button" aria-pressed={each === lane} onClick={() => setLane(each)}
              >
                {words.coded('lane', each)}{' '}
                <span className="count">{rows.filter((row) => row.lane === each).length}</span>
              </button>
            ))}
          </div>
        </header>
        <ErrorNote error={found.error} />
        {found.isPending ? <div className="skeleton" aria-hidden="true" /> :
          <List key={lane} box={box} rows={inLane} lane={lane} current={id} />}
      </section>
      <section className="right" aria-label={words.t('reading')}>
        {id === '' ? <p className="pick">{words.t('pick')}</p> : <Reading key={id} box={box} id={id} />}
      </section>
    </div>
  );
}
