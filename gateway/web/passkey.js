// Passkeys in the browser: calls to this hub, and between the JSON that it speaks and the bytes
// that navigator.credentials wants (WebAuthn Level 3, section 5.1.8 to 5.1.10, for browsers that do
// not do it themselves yet). No word for people stands here: those are in the pages.

const identity = '/fairlead.identity.v1.IdentityService/';
const passkeys = '/fairlead.identity.v1.PasskeyService/';
const timeoutMs = 15_000;

// What went wrong, by its stable reason.
export class HubError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

// One call of the Connect protocol. The header says that a page of the hub is asking.
async function call(method, request) {
  let response;
  let answer;
  try {
    response = await fetch(method, {
      method: 'POST',
      headers: {'content-type': 'application/json', 'fairlead-client': 'web'},
      body: JSON.stringify(request),
      cache: 'no-store',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = await response.json();
  } catch {
    throw new HubError('NOT_REACHED');
  }
  if (response.ok) return answer;
  const info = (answer.details ?? []).find((each) => each.type === 'google.rpc.ErrorInfo');
  throw new HubError(info?.debug?.reason ?? 'UNKNOWN');
}

function toBytes(text) {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const described = (list) => list.map((each) => ({...each, id: toBytes(each.id)}));

// Names from the browser's own errors are turned into reasons of ours.
async function ask(run) {
  if (!window.PublicKeyCredential || !navigator.credentials) throw new HubError('NO_PASSKEYS_HERE');
  try {
    const credential = await run();
    if (credential) return credential;
  } catch (error) {
    if (error.name === 'InvalidStateError') throw new HubError('PASSKEY_EXISTS');
    if (error.name === 'SecurityError') throw new HubError('PASSKEYS_NEED_A_NAME');
    if (error.name === 'NotSupportedError') throw new HubError('NO_PASSKEYS_HERE');
  }
  throw new HubError('CANCELLED');
}

async function create(optionsJson, name) {
  const options = JSON.parse(optionsJson);
  options.challenge = toBytes(options.challenge);
  options.user.id = toBytes(options.user.id);
  if (name) options.user.name = name;
  options.excludeCredentials = described(options.excludeCredentials);
  const credential = await ask(() => navigator.credentials.create({publicKey: options}));
  const {clientDataJSON, attestationObject} = credential.response;
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(clientDataJSON),
      attestationObject: toText(attestationObject),
    },
  });
}

async function get(optionsJson) {
  const options = JSON.parse(optionsJson);
  options.challenge = toBytes(options.challenge);
  options.allowCredentials = described(options.allowCredentials);
  const credential = await ask(() => navigator.credentials.get({publicKey: options}));
  const {clientDataJSON, authenticatorData, signature, userHandle} = credential.response;
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : '',
    },
  });
}

// An invitation becomes an account. The answer: {staff}.
export async function join(code, signInName) {
  const begun = await call(`${passkeys}BeginInvitedPasskey`, {invitationCode: code});
  const passkeyRegistrationJson = await create(begun.optionsJson, signInName);
  return call(`${identity}AcceptInvitation`, {code, signInName, passkeyRegistrationJson});
}

// The session is a cookie that no script sees. The answer: {session, staff, agencyName}.
export async function signIn() {
  const begun = await call(`${passkeys}BeginPasskeySignIn`, {});
  const assertionJson = await get(begun.optionsJson);
  return (await call(`${passkeys}SignInWithPasskey`, {assertionJson})).signIn;
}

// Shows again who sits there: for ten minutes the session may do what needs it.
export async function stepUp() {
  const begun = await call(`${passkeys}BeginPasskeySignIn`, {});
  const passkeyAssertionJson = await get(begun.optionsJson);
  const request = {passkeyAssertionJson, requestId: crypto.randomUUID()};
  return call(`${identity}StepUp`, request);
}

// Does it; where it needs a fresh proof, asks for that and does it again, once.
async function proven(run) {
  try {
    return await run();
  } catch (error) {
    if (error.reason !== 'STEP_UP_REQUIRED') throw error;
  }
  await stepUp();
  return run();
}

export const me = () => call(`${identity}GetMe`, {});
export const signOut = () => call(`${identity}SignOut`, {});

export async function list() {
  const answer = await call(`${passkeys}ListPasskeys`, {pageSize: 100});
  return answer.passkeys ?? [];
}

export async function add() {
  const begun = await proven(
      () => call(`${passkeys}BeginPasskeyRegistration`, {requestId: crypto.randomUUID()}));
  const registrationJson = await create(begun.optionsJson);
  return call(`${passkeys}AddPasskey`, {registrationJson, requestId: crypto.randomUUID()});
}

export const remove = (passkeyId) => proven(
    () => call(`${passkeys}RemovePasskey`, {passkeyId, requestId: crypto.randomUUID()}));

// --- the page ----------------------------------------------------------------------------------
export const element = (id) => document.getElementById(id);

// Words for a reason, as the page has them in its own language.
function words(reason) {
  const all = [...element('words').content.querySelectorAll('[data-for]')];
  const found = all.find((each) => each.dataset.for.split(' ').includes(reason));
  return (found ?? all.find((each) => each.dataset.for === 'other')).textContent;
}

// Says it where screen readers hear it.
export function say(reason, bad = false) {
  const status = element('status');
  status.textContent = words(reason);
  status.classList.toggle('bad', bad);
  status.hidden = false;
}

// Runs what a button does; meanwhile no button can be pressed. Focus returns to where it was.
export async function run(action) {
  const focused = document.activeElement;
  const buttons = [...document.querySelectorAll('button:not(:disabled)')];
  for (const button of buttons) button.disabled = true;
  try {
    await action();
  } catch (error) {
    say(error instanceof HubError ? error.reason : 'other', true);
  } finally {
    for (const button of buttons) button.disabled = false;
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  }
}
