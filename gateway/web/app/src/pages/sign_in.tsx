// The way in: a passkey, or a passphrase with a one-time code.
import {type FormEvent, useState} from 'react';

import {ErrorNote} from '../parts/notes';
import {type Signed, signIn, signInWithPasskey} from '../session';
import {type Language, useWords} from '../words';

interface Props {
  ended: boolean;  // a session has just ended
  onSigned: (signed: Signed) => void;
  onLanguage: (language: Language) => void;
}

function PassphraseForm({run, busy}: {run: (way: () => Promise<Signed>) => void; busy: boolean}) {
  const words = useWords();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? '').trim();
    run(() => signIn(field('name'), field('passphrase'), field('code').replaceAll(' ', '')));
  };
  return (
    <form onSubmit={submit}>
      <label>{words.t('sign.name')}
        <input name="name" autoComplete="username" autoCapitalize="none" spellCheck={false}
          required maxLength={64} />
      </label>
      <label>{words.t('sign.passphrase')}
        <input name="passphrase" type="password" autoComplete="current-password" required
          maxLength={1024} />
      </label>
      <label>{words.t('sign.code')}
        <input name="code" autoComplete="one-time-code" inputMode="numeric" required
          pattern="[0-9 ]{6,7}" maxLength={7} aria-describedby="code-hint" />
      </label>
      <p className="hint" id="code-hint">{words.t('sign.code.hint')}</p>
      <button type="submit" className="main" disabled={busy}>{words.t('sign.in')}</button>
    </form>
  );
}

export function SignInPage({ended, onSigned, onLanguage}: Props) {
  const words = useWords();
  const [error, setError] = useState<unknown>(undefined);
  const [busy, setBusy] = useState(false);
  const run = (way: () => Promise<Signed>) => {
    setBusy(true);
    setError(undefined);
    way().then(onSigned, setError).finally(() => setBusy(false));
  };
  const other: Language = words.language === 'en' ? 'es' : 'en';
  return (
    <div className="door">
      <header className="door-head">
        <span className="brand"><img src="/icon.svg" alt="" width="28" height="28" />Fairlead</span>
        <button type="button" className="quiet" lang={other} onClick={() => onLanguage(other)}>
          {other === 'es' ? 'Español' : 'English'}
        </button>
      </header>
      <main>
        <h1>{words.t('sign.title')}</h1>
        {ended && <p className="note" role="status">{words.t('sign.ended')}</p>}
        <p>{words.t('sign.passkey.hint')}</p>
        <button type="button" disabled={busy} onClick={() => run(signInWithPasskey)}>
          {words.t('sign.passkey')}
        </button>
        <h2>{words.t('sign.or')}</h2>
        <PassphraseForm run={run} busy={busy} />
        <ErrorNote error={error} />
      </main>
      <footer className="fine">{words.t('sign.foot')}</footer>
    </div>
  );
}
