// Single keys, on pages. Never while somebody writes, never in a dialog, never with Alt, Ctrl or
// the like (WCAG 2.2, 2.1.4: they can be turned off, in the help).
import {useEffect, useRef} from 'react';

const OFF = 'fairlead-keys-off';

export const areShortcutsOn = () => localStorage.getItem(OFF) === null;

export function turnShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, '1');
}

function isElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return true;
  const {target} = event;
  return target instanceof Element &&
      target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}

/** By `event.key`; a function that returns false has not used the key. */
export function useShortcuts(keys: Record<string, (() => unknown) | undefined>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (isElsewhere(event)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = latest.current[key];
      if (act === undefined || (event.key !== '?' && !areShortcutsOn())) return;
      if (act() !== false) event.preventDefault();
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
