// What happens at the hub, as it happens. One stream a browser: the tab that holds the lock reads
// it and tells the others. Read by fetch and not by EventSource, which would not show heartbeats:
// how fresh the screen is, people are told ("Live · 2 s ago").

const CHANNEL = 'fairlead-live';
const RETRY_MS = 2_000;
// The hub sends a heartbeat every 15 s: silence for longer than this is a broken line.
const SILENCE_MS = 45_000;

export interface HubEvent {
  type: string;     // "fairlead.referral.sent.v1"
  subject: string;  // the id of the record
}

export type Message =
    | {kind: 'event'; event: HubEvent}
    | {kind: 'beat'}            // the stream is alive
    | {kind: 'resync'}          // something may have been missed: read everything anew
    | {kind: 'session_ended'};

type Listener = (message: Message) => void;

/**
 * One frame of the stream (HTML, "server-sent events"): its fields, or a comment. A `first` stream
 * starts from now on: what was read before it is read anew.
 */
function messageOf(
    frame: string, first: boolean, keep: (id: string) => void): Message | undefined {
  let name = '';
  let data = '';
  for (const line of frame.split('\n')) {
    if (line.startsWith(':')) return {kind: 'beat'};
    const [field, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)];
    if (field === 'event') name = value;
    if (field === 'data') data += value;
    if (field === 'id') keep(value);
  }
  if (name === 'ready') return first ? {kind: 'resync'} : {kind: 'beat'};
  if (name === 'resync') return {kind: 'resync'};
  if (name === 'session_ended') return {kind: 'session_ended'};
  if (name !== '' || data === '') return undefined;
  const {type, subject} = JSON.parse(data) as HubEvent;
  return {kind: 'event', event: {type, subject}};
}

/** Reads one stream until it ends. `lastId` is where the one before had come to. */
async function read(lastId: string, keep: (id: string) => void, tell: Listener,
                    stopped: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch('/events', {
      headers: lastId === '' ? {} : {'last-event-id': lastId},
      cache: 'no-store',
      signal: AbortSignal.any([stopped, silence.signal]),
    });
    if (response.status === 401) tell({kind: 'session_ended'});
    if (!response.ok || response.body === null) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = '';
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const frames = (waiting + value).split('\n\n');
      waiting = frames.pop() ?? '';
      for (const frame of frames) {
        const message = messageOf(frame, lastId === '', keep);
        if (message !== undefined) tell(message);
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Follows the hub until the returned function is called. */
export function follow(listener: Listener): () => void {
  const stop = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({data}: MessageEvent<Message>) => listener(data);
  const tell: Listener = (message) => {
    listener(message);
    channel.postMessage(message);
  };
  const lead = async (): Promise<void> => {
    let lastId = '';
    let ended = false;
    while (!stop.signal.aborted && !ended) {
      const heard: Listener = (message) => {
        ended ||= message.kind === 'session_ended';
        tell(message);
      };
      try {
        await read(lastId, (id) => { lastId = id; }, heard, stop.signal);
      } catch {
        // Cut off: what was missed comes after `lastId`, or as a resync.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  void navigator.locks.request(CHANNEL, {signal: stop.signal}, lead).catch(() => undefined);
  return () => {
    stop.abort();
    channel.close();
  };
}
