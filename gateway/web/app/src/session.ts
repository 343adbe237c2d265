// Who is signed in, and the ways in and out. The session itself is a cookie that no script sees.
import {call, HubError} from './api';
import {Keyring} from './keys';
import {Store} from './store';
import type {GetMeResponseJson, SignInResponseJson} from './types';

const IDENTITY = 'identity.v1.IdentityService/';
const PASSKEYS = 'identity.v1.PasskeyService/';

export interface Person {
  readonly staffId: string;
  readonly agencyId: string;
  readonly displayName: string;
  readonly agencyName: string;
  readonly roles: readonly string[];
}

export interface Signed {
  readonly person: Person;
  readonly keyring: Keyring;
}

async function signed(me: GetMeResponseJson): Promise<Signed> {
  const {staff = {}, agencyName = ''} = me;
  const person = {
    staffId: staff.id ?? '', agencyId: staff.agencyId ?? '',
    displayName: staff.displayName ?? '', agencyName, roles: staff.roles ?? [],
  };
  const store = await Store.open(person.staffId);
  return {person, keyring: new Keyring(store, person.agencyId, person.staffId)};
}

/** Whoever is signed in in this browser; undefined: nobody. */
export async function whoIsSignedIn(): Promise<Signed | undefined> {
  try {
    return await signed(await call<GetMeResponseJson>(`${IDENTITY}GetMe`, {}));
  } catch (error) {
    const nobody = ['SESSION_INVALID', 'SIGN_IN_REQUIRED'];
    if (error instanceof HubError && nobody.includes(error.reason)) return undefined;
    throw error;
  }
}

export async function signIn(
    signInName: string, passphrase: string, totpCode: string): Promise<Signed> {
  return signed(await call<SignInResponseJson>(
      `${IDENTITY}SignIn`, {signInName, passphrase, totpCode}));
}

/** Refused with CANCELLED when the person or the browser does not go along. */
export async function signInWithPasskey(): Promise<Signed> {
  const begun = await call<{optionsJson: string}>(`${PASSKEYS}BeginPasskeySignIn`, {});
  let credential: Credential | null = null;
  try {
    const publicKey =
        PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(begun.optionsJson));
    credential = await navigator.credentials.get({publicKey});
  } catch {
    // As with a person who says no.
  }
  if (credential === null) throw new HubError('CANCELLED', '', '');
  const {id, rawId, type, response} =
      (credential as PublicKeyCredential).toJSON() as AuthenticationResponseJSON;
  const {clientDataJSON, authenticatorData, signature, userHandle = ''} = response;
  const assertion = {
    id, rawId, type, clientExtensionResults: {},
    response: {clientDataJSON, authenticatorData, signature, userHandle},
  };
  return signed(await call<SignInResponseJson>(
      `${PASSKEYS}SignInWithPasskey`, {assertionJson: JSON.stringify(assertion)}));
}

/** Drafts go with it; keys stay, for they are of no use without a session. */
export async function signOut(keyring: Keyring): Promise<void> {
  await keyring.store.wipeDrafts();
  await call(`${IDENTITY}SignOut`, {});
}
