// Which keys there are, and how to do without them.
import {useState} from 'react';

import {useWords, type WordKey} from '../words';
import {Dialog} from './dialog';
import {areShortcutsOn, turnShortcuts} from './shortcuts';

const KEYS: ReadonlyArray<[string, WordKey]> = [
  ['I', 'help.inbox'], ['T', 'help.sent'], ['N', 'help.new'], ['J ↓', 'help.down'],
  ['K ↑', 'help.up'], ['Enter', 'help.enter'], ['O', 'help.open'], ['1', 'help.accept'],
  ['3', 'help.decline'], ['S', 'help.start'], ['C', 'help.complete'], ['1 … 9', 'help.pick'],
  ['?', 'help.help'], ['Esc', 'help.close'],
];

export function HelpDialog({onClose}: {onClose: () => void}) {
  const words = useWords();
  const [on, setOn] = useState(areShortcutsOn);
  return (
    <Dialog title={words.t('help')} onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, word]) => (
          <div key={word}><dt><kbd>{key}</kbd></dt><dd>{words.t(word)}</dd></div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox" checked={on}
          onChange={(event) => {
            turnShortcuts(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        {words.t('help.keys_on')}
      </label>
      <p className="hint">{words.t('help.sealed')}</p>
    </Dialog>
  );
}
