// What is said about the person: only in the kinds of data that the release allows, and only to be
// sealed. Nothing of it leaves this page in clear.
import type {Draft} from '../draft';
import type {PacketContent} from '../packets';
import {useWords} from '../words';

/** The fields of a category; all others have one, `summary`. */
const FIELDS: Record<string, readonly string[]> = {
  identity: ['name', 'call_name', 'birth_date'],
  safe_contact: ['method', 'number', 'hours', 'code_word', 'notes'],
};
const LONG = ['summary', 'notes'];

/** What was written, without what was left empty; a category with nothing in it is left out. */
export function contentOf(draft: Draft, allowed: readonly string[]): PacketContent {
  const filled = (fields: Record<string, string>) =>
    Object.fromEntries(Object.entries(fields).filter(([, text]) => text.trim() !== ''));
  return Object.fromEntries(
      allowed.map((category) => [category, filled(draft.content[category] ?? {})] as const)
        .filter(([, fields]) => Object.keys(fields).length > 0));
}

interface Props {
  draft: Draft;
  change: (by: Partial<Draft>) => void;
  allowed: readonly string[];
}

export function PacketForm({draft, change, allowed}: Props) {
  const words = useWords();
  const set = (category: string, field: string, text: string) => change({
    content: {...draft.content, [category]: {...draft.content[category], [field]: text}},
  });
  return (
    <div className="sealed-form">
      <p className="hint">{words.t('packet.hint')}</p>
      {allowed.map((category) => (
        <fieldset key={category}>
          <legend>{words.coded('category', category)}</legend>
          {(FIELDS[category] ?? ['summary']).map((field) => (
            <label key={field}>{words.coded('field', field)}
              {LONG.includes(field) ? (
                <textarea
                  rows={3} maxLength={8000} value={draft.content[category]?.[field] ?? ''}
                  onChange={(event) => set(category, field, event.target.value)}
                />
              ) : (
                <input
                  maxLength={300} autoComplete="off" value={draft.content[category]?.[field] ?? ''}
                  onChange={(event) => set(category, field, event.target.value)}
                />
              )}
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}
