// What the unit tests share. Debian 12's Node 18 has WebCrypto, but not yet as a global.
import assert from 'node:assert/strict';
import {webcrypto} from 'node:crypto';

import {Refusal} from './errors.js';

globalThis.crypto ??= webcrypto as Crypto;

/** "ok", "REASON" or "REASON:detail". */
export async function outcome(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'ok';
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.message;
    throw refusal;
  }
}

export async function refused(work: () => unknown, expected: string): Promise<void> {
  assert.equal(await outcome(work), expected);
}
