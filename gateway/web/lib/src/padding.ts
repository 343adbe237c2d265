// 4 bytes of length (big-endian), the plaintext, zeros up to the next of 1, 4, 16, 64 KiB: the size
// of a packet says little about what is in it.

import type {Bytes} from './encoding.js';

const PADDED_BYTES = [1024, 4096, 16384, 65536] as const;
const LENGTH_BYTES = 4;
export const MAX_PLAINTEXT_BYTES = 65536 - LENGTH_BYTES;

function paddedSize(plaintextBytes: number): number {
  return PADDED_BYTES.find((size) => size >= plaintextBytes + LENGTH_BYTES)!;
}

/** `plaintext`: at most MAX_PLAINTEXT_BYTES. */
export function pad(plaintext: Uint8Array): Bytes {
  const padded = new Uint8Array(paddedSize(plaintext.length));
  new DataView(padded.buffer).setUint32(0, plaintext.length);
  padded.set(plaintext, LENGTH_BYTES);
  return padded;
}

/** Undefined unless it is what `pad` makes: the next size up and no other, and zeros. */
export function unpad(padded: Bytes): Bytes | undefined {
  if (padded.length < PADDED_BYTES[0]) return undefined;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length > MAX_PLAINTEXT_BYTES || padded.length !== paddedSize(length)) return undefined;
  if (padded.subarray(LENGTH_BYTES + length).some((byte) => byte !== 0)) return undefined;
  return padded.slice(LENGTH_BYTES, LENGTH_BYTES + length);
}

/** Whether a JWS over one of the padded sizes can be this long: its header varies a little. */
export function isPaddedCiphertext(bytes: number): boolean {
  return PADDED_BYTES.some((size) => {
    const fixed = 2 + 86 + Math.ceil((size * 4) / 3);  // two dots, the signature, the payload
    return bytes >= fixed + 100 && bytes <= fixed + 480;
  });
}
