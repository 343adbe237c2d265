// A release that the person signs now, on paper or on a screen of the agency's own. Whoever records
// it attests what was explained. (Guardians and minors who sign: the command line.)
import {type FormEvent, useState} from 'react';

import {queries} from '../hub';
import {
  CATEGORIES, type Contact, formText, PURPOSES, recordRelease, type ReleaseAnswers, STATEMENTS,
} from '../releases';
import type {ReleaseJson} from '../types';
import {useWords} from '../words';
import {ErrorNote, useSay} from './notes';

interface Props {
  agencyId: string;
  agencyName: string;
  state: string;
  onRecorded: (release: ReleaseJson, artefactId: string) => void;
  onCancel: () => void;
}

function Categories() {
  const words = useWords();
  return (
    <fieldset>
      <legend>{words.t('release.categories')}</legend>
      <div className="checks">
        {CATEGORIES.map((code) => (
          <label key={code} className="check">
            <input type="checkbox" name="category" value={code} defaultChecked={code === 'needs'} />
            {words.coded('category', code)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Terms({state}: {state: string}) {
  const words = useWords();
  return (
    <>
      <div className="pair">
        <label>{words.t('release.purpose')}
          <select name="purpose">
            {PURPOSES.map((code) => (
              <option key={code} value={code}>{words.coded('purpose', code)}</option>
            ))}
          </select>
        </label>
        <label>{words.t('release.days')}
          <input name="days" type="number" min={1} max={365} defaultValue={30} required />
        </label>
      </div>
      <div className="pair">
        <label>{words.t('release.state')}
          <input
            name="jurisdiction" required pattern="[A-Za-z]{2}" maxLength={2} defaultValue={state}
            autoComplete="off"
          />
        </label>
        <label>{words.t('release.method')}
          <select name="method">
            <option value="WRITTEN">{words.t('release.written')}</option>
            <option value="ESIGNED">{words.t('release.esigned')}</option>
          </select>
        </label>
      </div>
      <label>{words.t('release.contact')}
        <select name="contact">
          <option value="safe">{words.t('release.contact.safe')}</option>
          <option value="prohibited">{words.t('release.contact.prohibited')}</option>
        </select>
      </label>
    </>
  );
}

function Statements() {
  const words = useWords();
  return (
    <fieldset>
      <legend>{words.t('release.statements')}</legend>
      <div className="stack">
        {STATEMENTS.map((code) => (
          <label key={code} className="check">
            <input type="checkbox" required />{words.coded('statement', code)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function answersOf(form: FormData, agencyId: string, formLanguage: 'en' | 'es'): ReleaseAnswers {
  const field = (name: string) => String(form.get(name) ?? '');
  return {
    recipientAgencyId: agencyId,
    categories: form.getAll('category').map(String),
    purpose: field('purpose'),
    days: Number(field('days')),
    jurisdiction: field('jurisdiction').toUpperCase(),
    formLanguage,
    contact: field('contact') as Contact,
    method: field('method') === 'ESIGNED' ? 'ESIGNED' : 'WRITTEN',
  };
}

export function ReleaseForm({agencyId, agencyName, state, onRecorded, onCancel}: Props) {
  const words = useWords();
  const say = useSay();
  const [language, setLanguage] = useState(words.language);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    recordRelease(answersOf(new FormData(event.currentTarget), agencyId, language))
      .then(async ({release, artefactId}) => {
        await queries.invalidateQueries({queryKey: ['releases']});
        say(words.t('release.in_force'));
        onRecorded(release, artefactId);
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="release-form" onSubmit={submit}>
      <h3>{words.t('release.new')}</h3>
      <p>{words.t('release.to', {agency: agencyName})}</p>
      <label>{words.t('release.form')}
        <select
          value={language}
          onChange={(event) => setLanguage(event.target.value === 'es' ? 'es' : 'en')}
        >
          <option value="en" lang="en">English</option>
          <option value="es" lang="es">Español</option>
        </select>
      </label>
      <details>
        <summary>{words.t('release.read')}</summary>
        <pre className="form-text" lang={language} tabIndex={0}>{formText(language)}</pre>
      </details>
      <Categories />
      <Terms state={state} />
      <Statements />
      <div className="actions">
        <button type="submit" className="main" disabled={busy}>{words.t('release.record')}</button>
        <button type="button" onClick={onCancel}>{words.t('cancel')}</button>
      </div>
      <ErrorNote error={error} />
    </form>
  );
}
