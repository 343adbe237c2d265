// What every page of a signed-in person shares.
import {useQuery} from '@tanstack/react-query';
import {createContext, type ReactNode, useContext} from 'react';

import type {Signed} from '../session';
import type {Language} from '../words';

interface Shared extends Signed {
  onLeave: (ended: boolean) => void;
  onLanguage: (language: Language) => void;
}

const Context = createContext<Shared | undefined>(undefined);

interface Props {
  signed: Signed;
  onLeave: (ended: boolean) => void;
  onLanguage: (language: Language) => void;
  children: ReactNode;
}

export function SignedProvider({signed, onLeave, onLanguage, children}: Props) {
  return <Context value={{...signed, onLeave, onLanguage}}>{children}</Context>;
}

export function useSigned(): Shared {
  const shared = useContext(Context);
  if (shared === undefined) throw new Error('nobody is signed in');
  return shared;
}

// No event tells that a device was confirmed: it is asked for, for ten minutes.
const ASK_EVERY_MS = 4_000;
const MOST_ASKS = 150;

/** Where this browser stands with its keys. */
export function useDevice() {
  const {keyring} = useSigned();
  return useQuery({
    queryKey: ['device', keyring.staffId],
    queryFn: () => keyring.state(),
    staleTime: 60_000,
    refetchInterval: ({state}) =>
      state.data?.step === 'waiting' && state.dataUpdateCount < MOST_ASKS ? ASK_EVERY_MS : false,
  });
}
