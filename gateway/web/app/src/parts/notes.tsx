// What went well is said where screen readers hear it; what did not, with what to do and the
// request id that whoever runs the hub can look for.
import {Refusal} from 'fairlead-lib';
import {createContext, type ReactNode, useCallback, useContext, useEffect, useState} from 'react';

import {HubError} from '../api';
import {useWords, type Words} from '../words';

function reasonOf(error: unknown): {reason: string; requestId: string; message: string} {
  if (error instanceof HubError) {
    return {reason: error.reason, requestId: error.requestId, message: error.message};
  }
  if (error instanceof Refusal) {
    return {reason: error.reason, requestId: '', message: error.detail};
  }
  return {reason: 'UNKNOWN', requestId: '', message: ''};
}

function textOf(words: Words, error: unknown): string {
  const {reason, message} = reasonOf(error);
  if (words.knows('error', reason)) return words.coded('error', reason);
  if (error instanceof Refusal) return words.t('refused', {reason});
  return message === '' ? words.t('error.UNKNOWN') : message;
}

export function ErrorNote({error}: {error: unknown}) {
  const words = useWords();
  if (error === null || error === undefined) return null;
  const {reason, requestId} = reasonOf(error);
  return (
    <div className="note bad" role="alert">
      <p>{textOf(words, error)}</p>
      <p className="fine">
        <code>{reason}</code>
        {requestId !== '' && <> · {words.t('request')} <code>{requestId}</code></>}
      </p>
    </div>
  );
}

const SHOWN_MS = 8_000;
const Say = createContext<(text: string) => void>(() => undefined);
export const useSay = () => useContext(Say);

export function Announcer({children}: {children: ReactNode}) {
  const [text, setText] = useState('');
  const say = useCallback((next: string) => {
    setText('');
    // Two frames: the same words twice are two messages.
    requestAnimationFrame(() => requestAnimationFrame(() => setText(next)));
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setText(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Say value={say}>
      {children}
      <p className="said" role="status">{text}</p>
    </Say>
  );
}
