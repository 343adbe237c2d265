// Words in the person's language, from the ICU catalogs in words/. A key that one of them lacks
// does not compile.
import {IntlMessageFormat} from 'intl-messageformat';
import {createContext, type ReactNode, useContext, useMemo} from 'react';

import en from './words/en.json';
import es from './words/es.json';

export type Language = 'en' | 'es';
export type WordKey = keyof typeof en;
type Catalog = Record<WordKey, string>;
type Values = Record<string, string | number | Date>;

const CATALOGS: Record<Language, Catalog> = {en, es};
const KEPT = 'fairlead-language';

export function preferredLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'en' || kept === 'es') return kept;
  return navigator.languages.some((each) => each.toLowerCase().startsWith('es')) &&
      !navigator.languages[0]?.toLowerCase().startsWith('en') ? 'es' : 'en';
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}

export class Words {
  private readonly formats = new Map<string, IntlMessageFormat>();

  constructor(readonly language: Language) {}

  t(key: WordKey, values?: Values): string {
    let format = this.formats.get(key);
    if (format === undefined) {
      format = new IntlMessageFormat(CATALOGS[this.language][key], this.language);
      this.formats.set(key, format);
    }
    return String(format.format(values));
  }

  /** What the hub says in a code: the words for "family.code", else the code itself. */
  coded(family: string, code: string, values?: Values): string {
    const key = `${family}.${code}`;
    return key in CATALOGS[this.language] ? this.t(key as WordKey, values) : code;
  }

  knows(family: string, code: string): boolean {
    return `${family}.${code}` in CATALOGS[this.language];
  }

  time(text: string | undefined): string {
    if (text === undefined) return '';
    const at = new Date(text);
    const today = new Date().toDateString() === at.toDateString();
    return new Intl.DateTimeFormat(
        this.language,
        today ? {hour: 'numeric', minute: '2-digit'} :
                {month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit'}).format(at);
  }

  day(text: string | undefined): string {
    if (text === undefined) return '';
    return new Intl.DateTimeFormat(this.language, {dateStyle: 'medium'}).format(new Date(text));
  }

  /** "2 h 14 min", "3 d 4 h", "6 min". */
  span(ms: number): string {
    const minutes = Math.max(0, Math.floor(ms / 60_000));
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
    if (days > 0) return this.t('span.days', {days, hours});
    if (hours > 0) return this.t('span.hours', {hours, minutes: minutes % 60});
    return this.t('span.minutes', {minutes});
  }

  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.language, {type: 'conjunction'}).format(items);
  }

  languageName(tag: string): string {
    return new Intl.DisplayNames([this.language], {type: 'language'}).of(tag) ?? tag;
  }
}

const Context = createContext<Words>(new Words('en'));

export function WordsProvider({language, children}: {language: Language; children: ReactNode}) {
  const words = useMemo(() => new Words(language), [language]);
  return <Context value={words}>{children}</Context>;
}

export function useWords(): Words {
  return useContext(Context);
}
