// What is needed, in five fields: all of it stands in clear at the hub, and none of it says who.
import {useNeeds} from '../hub';
import {type Draft, keepState} from '../draft';
import type {NeedJson} from '../types';
import {useWords} from '../words';

export const URGENCIES = ['emergency', 'urgent', 'standard'] as const;
const AGE_BANDS = ['0-11', '12-17', '18-24', '25-59', '60+'];
const LANGUAGES =
  ['en', 'es', 'vi', 'zh', 'ar', 'fr', 'so', 'ko', 'tl', 'ru', 'pt', 'ht', 'uk', 'am', 'hi'];
const STATES = ('AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT ' +
  'NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY').split(' ');

interface Props {
  draft: Draft;
  change: (by: Partial<Draft>) => void;
}

function NeedSelect({draft, change}: Props) {
  const words = useWords();
  const needs = useNeeds().data ?? [];
  const label = (need: NeedJson) =>
    (words.language === 'es' ? need.labelEs : need.labelEn) ?? need.code ?? '';
  const top = needs.filter((need) => !need.parentCode);
  return (
    <label>{words.t('new.need')}
      <select
        value={draft.need} required onChange={(event) => change({need: event.target.value})}
      >
        <option value="">{words.t('new.choose')}</option>
        {top.map((parent) => (
          <optgroup key={parent.code} label={label(parent)}>
            <option value={parent.code}>{words.t('new.any', {need: label(parent)})}</option>
            {needs.filter((need) => need.parentCode === parent.code).map((need) => (
              <option key={need.code} value={need.code}>{label(need)}</option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function Where({draft, change}: Props) {
  const words = useWords();
  return (
    <div className="pair">
      <label>{words.t('new.state')}
        <select
          value={draft.state}
          onChange={(event) => {
            keepState(event.target.value);
            change({state: event.target.value});
          }}
        >
          <option value="">—</option>
          {STATES.map((code) => <option key={code}>{code}</option>)}
        </select>
      </label>
      <label>{words.t('new.county')}
        <input
          value={draft.county} inputMode="numeric" maxLength={5} pattern="[0-9]{5}"
          placeholder="48453" autoComplete="off"
          onChange={(event) => change({county: event.target.value.replace(/\D/g, '')})}
        />
      </label>
    </div>
  );
}

export function NeedForm({draft, change}: Props) {
  const words = useWords();
  return (
    <div className="fields">
      <NeedSelect draft={draft} change={change} />
      <fieldset>
        <legend>{words.t('new.urgency')}</legend>
        <div className="segments">
          {URGENCIES.map((code) => (
            <label key={code} data-urgency={code}>
              <input
                type="radio" name="urgency" value={code} checked={draft.urgency === code}
                onChange={() => change({urgency: code})}
              />
              <span>{words.coded('urgency', code)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Where draft={draft} change={change} />
      <div className="pair">
        <label>{words.t('new.language')}
          <select
            value={draft.language} onChange={(event) => change({language: event.target.value})}
          >
            <option value="">{words.t('new.not_said')}</option>
            {LANGUAGES.map((tag) => (
              <option key={tag} value={tag}>{words.languageName(tag)}</option>
            ))}
          </select>
        </label>
        <label>{words.t('new.age')}
          <select
            value={draft.ageBand} onChange={(event) => change({ageBand: event.target.value})}
          >
            <option value="">{words.t('new.not_said')}</option>
            {AGE_BANDS.map((band) => <option key={band}>{band}</option>)}
          </select>
        </label>
      </div>
      <p className="hint">{words.t('new.clear')}</p>
    </div>
  );
}
