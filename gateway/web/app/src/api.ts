// Calls of the Connect protocol, as JSON, to the hub that served this page.

const TIMEOUT_MS = 20_000;

/** Why a call failed: the hub's stable reason (docs/codes.md), or NOT_REACHED. */
export class HubError extends Error {
  override readonly name = 'HubError';
  constructor(
      readonly reason: string, message: string, readonly requestId: string,
      readonly metadata: Record<string, string> = {}) {
    super(message);
  }
}

interface ErrorBody {
  message?: string;
  details?: Array<{type?: string;
                   debug?: {reason?: string; metadata?: Record<string, string>}}>;
}

function errorOf(body: ErrorBody, requestId: string): HubError {
  const info = (body.details ?? []).find((each) => each.type === 'google.rpc.ErrorInfo')?.debug;
  return new HubError(
      info?.reason ?? 'UNKNOWN', body.message ?? '', requestId, info?.metadata ?? {});
}

// Sessions end anywhere: whoever shows the pages hears of it here.
let onSessionEnd: () => void = () => undefined;
export function whenSessionEnds(listener: () => void): void {
  onSessionEnd = listener;
}

/** `method`: "referral.v1.ReferralService/GetReferral". */
export async function call<Answer>(method: string, request: object): Promise<Answer> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`/fairlead.${method}`, {
      method: 'POST',
      headers: {'content-type': 'application/json', 'fairlead-client': 'web'},
      body: JSON.stringify(request),
      cache: 'no-store',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    body = await response.json();
  } catch {
    throw new HubError('NOT_REACHED', '', '');
  }
  if (response.ok) return body as Answer;
  const error = errorOf(body as ErrorBody, response.headers.get('x-request-id') ?? '');
  const ended = error.reason === 'SESSION_INVALID' || error.reason === 'SIGN_IN_REQUIRED';
  if (ended) onSessionEnd();
  throw error;
}

/** A UUIDv7 (RFC 9562, section 5.7), as the hub's own ids are. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let at = 5; at >= 0; --at) {
    bytes[at] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join('-');
}

/** Every page of a list; at most `most` items, so that no list is without an end. */
export async function allPages<Answer extends {nextPageToken?: string}, Item>(
    method: string, request: object, items: (answer: Answer) => readonly Item[] | undefined,
    most = 1000): Promise<Item[]> {
  const all: Item[] = [];
  let pageToken = '';
  do {
    const answer = await call<Answer>(method, {...request, pageSize: 100, pageToken});
    all.push(...(items(answer) ?? []));
    pageToken = answer.nextPageToken ?? '';
  } while (pageToken !== '' && all.length < most);
  return all;
}
