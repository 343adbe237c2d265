// The browser's own dialog: it keeps the focus, closes on Escape and gives the focus back.
import {type ReactNode, useEffect, useId, useRef} from 'react';

import {useWords} from '../words';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function Dialog({title, onClose, children}: Props) {
  const words = useWords();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={heading} onCancel={onClose} onClose={onClose}>
      <header className="dialog-head">
        <h2 id={heading} tabIndex={-1} autoFocus>{title}</h2>
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
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="hint">{hint}</p>
      <div
        className="choices"
        onKeyDown={(event) => {
          const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
          if (choice !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            onChoose(choice.code);
          }
        }}
      >
        {choices.map(({code, label}, at) => (
          <button key={code} type="button" autoFocus={at === 0} onClick={() => onChoose(code)}>
            {at < 9 && <kbd>{at + 1}</kbd>}<span>{label}</span>
          </button>
        ))}
      </div>
    </Dialog>
  );
}
