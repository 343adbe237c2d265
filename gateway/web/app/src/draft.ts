// A new referral while it is written. Kept encrypted in this browser until it is sent or thrown
// away, so that a closed tab loses nothing.
import {useCallback, useEffect, useRef, useState} from 'react';

import type {Store} from './store';

export interface Draft {
  need: string;
  urgency: string;       // emergency, urgent, standard
  state: string;         // two letters
  county: string;        // FIPS; goes before the state
  language: string;      // BCP 47; empty: not said
  ageBand: string;
  agencyId: string;      // to whom
  serviceId: string;
  releaseId: string;
  purpose: string;
  content: Record<string, Record<string, string>>;  // by data category and field
}

const NAME = 'new-referral';
const SAVE_AFTER_MS = 400;
const STATE_KEPT = 'fairlead-state';

export const emptyDraft = (): Draft => ({
  need: '', urgency: '', state: localStorage.getItem(STATE_KEPT) ?? '', county: '', language: '',
  ageBand: '', agencyId: '', serviceId: '', releaseId: '', purpose: 'referral', content: {},
});

export function keepState(state: string): void {
  localStorage.setItem(STATE_KEPT, state);
}

/** The draft; how to change it; how to throw it away. Undefined until it has been read. */
export function useDraft(store: Store):
    [Draft | undefined, (change: Partial<Draft>) => void, () => Promise<void>] {
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const latest = useRef<Draft | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const save = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (latest.current !== undefined) void store.saveDraft(NAME, latest.current);
  }, [store]);
  useEffect(() => {
    void store.loadDraft<Draft>(NAME).then((kept) => {
      latest.current = {...emptyDraft(), ...kept};
      setDraft(latest.current);
    });
    const onHide = () => {
      if (timer.current !== undefined) save();
    };
    document.addEventListener('visibilitychange', onHide);
    return () => {
      onHide();
      document.removeEventListener('visibilitychange', onHide);
    };
  }, [store, save]);
  const change = useCallback((by: Partial<Draft>) => {
    latest.current = {...(latest.current ?? emptyDraft()), ...by};
    setDraft(latest.current);
    clearTimeout(timer.current);
    timer.current = setTimeout(save, SAVE_AFTER_MS);
  }, [save]);
  const drop = useCallback(async () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    latest.current = undefined;
    setDraft(emptyDraft());
    await store.dropDraft(NAME);
  }, [store]);
  return [draft, change, drop];
}
