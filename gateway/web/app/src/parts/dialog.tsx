// The browser's own dialog: it keeps the focus, closes on Escape and gives the focus back.
import {type KeyboardEvent, type ReactNode, useEffect, useId, useRef} from 'react';

import {useWords} from '../words';

interface Props {
  title: string;
  onClose: () => void;
  onKey?: (event: KeyboardEvent) => void;
  children: ReactNode;
}

export function Dialog({title, onClose, onKey, children}: Props) {
  const words = useWords();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    const first = dialog?.querySelector<HTMLElement>('[data-first]');
    (first ?? dialog?.querySelector<HTMLElement>('h2'))?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element} aria-labelledby={heading} onCancel={onClose} onClose={onClose}
      onKeyDown={onKey}
    >
      <header className="dialog-head">
        <h2 id={heading} tabIndex={-1}>{title}</h2>
        <button type="button" className="quiet" onClick={onClose}>{words.t('close')}</button>
      </header>
      {children}
    </dialog>
  );
}

interface ChoiceProps {
  title: string;
  hint: string;
  choices: ReadonlyArray<{code: string; label: string}>;
  onChoose: (code: string) => void;
  onClose: () => void;
}

/** One of several codes: a press of its number, or of its button. The first nine have numbers. */
export function ChoiceDialog({title, hint, choices, onChoose, onClose}: ChoiceProps) {
  const onKey = (event: KeyboardEvent) => {
    const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
    if (choice === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onChoose(choice.code);
  };
  return (
    <Dialog title={title} onClose={onClose} onKey={onKey}>
      <p className="hint">{hint}</p>
      <div className="choices">
        {choices.map(({code, label}, at) => (
          <button
            key={code} type="button" data-first={at === 0 || undefined}
            onClick={() => onChoose(code)}
          >
            {at < 9 && <kbd aria-hidden="true">{at + 1}</kbd>}<span>{label}</span>
          </button>
        ))}
      </div>
    </Dialog>
  );
}
