// The whole of it: who is signed in, which page, what is live.
import {QueryClientProvider} from '@tanstack/react-query';
import {lazy, Suspense, useCallback, useEffect, useState} from 'react';
import {Redirect, Route, Router, Switch} from 'wouter';
import {useHashLocation} from 'wouter/use-hash-location';

import {whenSessionEnds} from './api';
import {queries} from './hub';
import {InboxPage} from './pages/inbox';
import {KeysPage} from './pages/keys';
import {SignInPage} from './pages/sign_in';
import {Announcer, ErrorNote} from './parts/notes';
import {SignedProvider} from './parts/signed';
import {Shell} from './parts/shell';
import {type Signed, whoIsSignedIn} from './session';
import {keepLanguage, type Language, preferredLanguage, WordsProvider} from './words';

const NewReferralPage = lazy(async () => ({
  default: (await import('./pages/new_referral')).NewReferralPage,
}));

type Who = {state: 'asking'} | {state: 'nobody'; ended: boolean} |
    {state: 'failed'; error: unknown} | {state: 'signed'; signed: Signed};

function Pages() {
  return (
    // Which referral somebody looks at stands behind the #: no browser sends it to a server.
    <Router hook={useHashLocation}>
      <Shell>
        <Switch>
          <Route path="/inbox/:id?">
            {({id}) => <InboxPage key="inbox" box="inbox" id={id ?? ''} />}
          </Route>
          <Route path="/sent/:id?">
            {({id}) => <InboxPage key="sent" box="sent" id={id ?? ''} />}
          </Route>
          <Route path="/new">
            <Suspense fallback={<div className="skeleton" aria-hidden="true" />}>
              <NewReferralPage />
            </Suspense>
          </Route>
          <Route path="/keys"><KeysPage /></Route>
          <Route><Redirect to="/inbox" replace /></Route>
        </Switch>
      </Shell>
    </Router>
  );
}

function useWho(): [Who, (signed: Signed) => void, (ended: boolean) => void] {
  const [who, setWho] = useState<Who>({state: 'asking'});
  const leave = useCallback((ended: boolean) => {
    queries.clear();
    setWho((before) => before.state === 'nobody' ? before : {state: 'nobody', ended});
  }, []);
  useEffect(() => {
    // Only who was signed in can have a session that ends.
    whoIsSignedIn().then(
        (signed) => {
          whenSessionEnds(() => leave(true));
          setWho(signed === undefined ? {state: 'nobody', ended: false} :
              {state: 'signed', signed});
        },
        (error: unknown) => setWho({state: 'failed', error}));
  }, [leave]);
  const enter = useCallback((signed: Signed) => setWho({state: 'signed', signed}), []);
  return [who, enter, leave];
}

export function App() {
  const [language, setLanguage] = useState<Language>(preferredLanguage);
  const [who, enter, leave] = useWho();
  useEffect(() => {
    document.documentElement.lang = language;
    keepLanguage(language);
  }, [language]);
  return (
    <WordsProvider language={language}>
      <QueryClientProvider client={queries}>
        <Announcer>
          {who.state === 'failed' && <main className="plain"><ErrorNote error={who.error} /></main>}
          {who.state === 'nobody' && (
            <SignInPage ended={who.ended} onSigned={enter} onLanguage={setLanguage} />
          )}
          {who.state === 'signed' && (
            <SignedProvider signed={who.signed} onLeave={leave} onLanguage={setLanguage}>
              <Pages />
            </SignedProvider>
          )}
        </Announcer>
      </QueryClientProvider>
    </WordsProvider>
  );
}
