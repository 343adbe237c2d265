// What codes and ids are called, once the hub has said so.
import {useMemo} from 'react';

import {useAgencies, useNeeds} from '../hub';
import {useWords} from '../words';

export interface Labels {
  need: (code: string | undefined) => string;
  agency: (id: string | undefined) => string;
}

export function useLabels(): Labels {
  const words = useWords();
  const needs = useNeeds().data;
  const agencies = useAgencies().data;
  return useMemo(() => {
    const byCode = new Map((needs ?? []).map((need) => [
      need.code ?? '', (words.language === 'es' ? need.labelEs : need.labelEn) ?? need.code ?? '',
    ]));
    return {
      need: (code) => byCode.get(code ?? '') ?? code ?? '',
      agency: (id) => agencies?.get(id ?? '') ?? words.t('agency.unknown'),
    };
  }, [needs, agencies, words]);
}
