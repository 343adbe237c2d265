// What changes with the time of day: one timer for a component, aligned to nothing.
import {useEffect, useState} from 'react';

import {useWords} from '../words';

export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

const SOON_MS = 30 * 60_000;

/** How long until `end`: words, a sign and a colour, so that none of them is needed alone. */
export function Clock({end, now}: {end: string | undefined; now: number}) {
  const words = useWords();
  if (end === undefined) return null;
  const left = Date.parse(end) - now;
  const level = left <= 0 ? 'over' : left < SOON_MS ? 'soon' : 'calm';
  const text = left <= 0 ? words.t('clock.over') : words.t('clock.left', {span: words.span(left)});
  return (
    <time className="clock" data-level={level} dateTime={end} title={words.time(end)}>
      <span aria-hidden="true">{level === 'calm' ? '◷' : level === 'soon' ? '▲' : '■'}</span>{' '}
      {text}
    </time>
  );
}
