// The frame of every page: where to go, who is here, how fresh the screen is, help.
import {type ReactNode, useEffect, useRef, useState} from 'react';
import {Link, useLocation} from 'wouter';

import {hear, spoil} from '../hub';
import {follow} from '../live';
import {signOut} from '../session';
import {useWords} from '../words';
import {HelpDialog} from './help';
import {useNow} from './now';
import {useShortcuts} from './shortcuts';
import {useDevice, useSigned} from './signed';
import {applyTheme, keptTheme, type Theme} from './theme';

const AMBER_MS = 20_000;
const STALE_MS = 60_000;

/** When the hub was last heard of; 0: not yet. */
function useLive(onEnd: (ended: boolean) => void): number {
  const [heard, setHeard] = useState(0);
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => follow((message) => {
    if (message.kind === 'session_ended') return end.current(true);
    setHeard(Date.now());
    if (message.kind === 'event') hear(message.event);
    if (message.kind === 'resync') spoil();
  }), []);
  return heard;
}

function LiveStatus({heard}: {heard: number}) {
  const words = useWords();
  const now = useNow(1000);
  const [began] = useState(Date.now);
  const ago = Math.max(0, now - (heard || began));
  const level = ago >= STALE_MS ? 'stale' : ago >= AMBER_MS ? 'amber' : heard === 0 ? 'begin' : 'live';
  const text = level === 'begin' ? words.t('live.begin') :
      words.t(level === 'stale' ? 'live.stale' : 'live.ago', {seconds: Math.round(ago / 1000)});
  return (
    <>
      <span className="live" data-level={level}><span aria-hidden="true" className="dot" />{text}</span>
      {level === 'stale' && <p className="banner" role="alert">{words.t('live.warning')}</p>}
    </>
  );
}

function Menu({onHelp}: {onHelp: () => void}) {
  const words = useWords();
  const {person, keyring, onLeave, onLanguage} = useSigned();
  const [location] = useLocation();
  const [theme, setTheme] = useState<Theme>(keptTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return (
    <details className="menu" key={location}>
      <summary><span>{person.displayName}</span><small>{person.agencyName}</small></summary>
      <div className="menu-items">
        <label>{words.t('language')}
          <select
            value={words.language}
            onChange={(event) => onLanguage(event.target.value === 'es' ? 'es' : 'en')}
          >
            <option value="en" lang="en">English</option>
            <option value="es" lang="es">Español</option>
          </select>
        </label>
        <label>{words.t('theme')}
          <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
            <option value="auto">{words.t('theme.auto')}</option>
            <option value="light">{words.t('theme.light')}</option>
            <option value="dark">{words.t('theme.dark')}</option>
          </select>
        </label>
        <Link href="/keys">{words.t('keys.link')}</Link>
        <button type="button" className="quiet" onClick={onHelp}>{words.t('help')}</button>
        <button
          type="button"
          onClick={() => void signOut(keyring).catch(() => undefined).then(() => onLeave(false))}
        >
          {words.t('sign.out')}
        </button>
      </div>
    </details>
  );
}

/** Without keys nothing can be opened or sent: said on every page but the one that mends it. */
function KeyBanner() {
  const words = useWords();
  const [location] = useLocation();
  const device = useDevice();
  if (device.data === undefined || device.data.step === 'ready') return null;
  if (location.startsWith('/keys')) return null;
  return (
    <p className="banner">
      {words.t('keys.banner')} <Link href="/keys">{words.t('keys.banner.do')}</Link>
    </p>
  );
}

export function Shell({children}: {children: ReactNode}) {
  const words = useWords();
  const {onLeave} = useSigned();
  const [location, navigate] = useLocation();
  const [helps, setHelps] = useState(false);
  const main = useRef<HTMLElement>(null);
  const heard = useLive(onLeave);
  useShortcuts({
    '?': () => setHelps(true),
    n: () => navigate('/new'),
    i: () => navigate('/inbox'),
    t: () => navigate('/sent'),
  });
  const page = location.split('/')[1] ?? '';
  const link = (path: string, text: string, key: string) => (
    <Link href={`/${path}`} aria-current={page === path ? 'page' : undefined}>
      {text}<kbd aria-hidden="true">{key}</kbd>
    </Link>
  );
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {words.t('skip')}
      </button>
      <header className="bar">
        <span className="brand"><img src="/icon.svg" alt="" width="22" height="22" />Fairlead</span>
        <nav aria-label={words.t('nav')}>
          {link('inbox', words.t('nav.inbox'), 'I')}
          {link('sent', words.t('nav.sent'), 'T')}
          {link('new', words.t('nav.new'), 'N')}
        </nav>
        <LiveStatus heard={heard} />
        <button
          type="button" className="quiet round" aria-label={words.t('help')} title={words.t('help')}
          onClick={() => setHelps(true)}
        >?</button>
        <Menu onHelp={() => setHelps(true)} />
      </header>
      <KeyBanner />
      <main ref={main} tabIndex={-1}>{children}</main>
      {helps && <HelpDialog onClose={() => setHelps(false)} />}
    </>
  );
}
