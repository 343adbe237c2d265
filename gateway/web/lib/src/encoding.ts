// Bytes and text, strictly: what is accepted has one spelling.

/** Bytes in memory of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const INVERSE = new Map([...ALPHABET].map((symbol, value) => [symbol.charCodeAt(0), value]));

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** One character a byte. For ASCII such as a compact JWS; other bytes stay tellable from it. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return text;
}

/** The text, or undefined if the bytes are no UTF-8 (RFC 3629). A byte order mark stays. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

/** base64url without padding (RFC 4648, section 5). */
export function base64UrlEncode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const symbols = Math.min(bytes.length - i, 3) + 1;
    for (let j = 0; j < symbols; ++j) text += ALPHABET[(word >> (18 - 6 * j)) & 63];
  }
  return text;
}

/** Undefined for padding, foreign characters, and bits that no byte takes. */
export function base64UrlDecode(text: string): Bytes | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; ++i) {
    const value = INVERSE.get(text.charCodeAt(i));
    if (value === undefined) return undefined;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (word >> bits) & 0xff;
  }
  // Otherwise two texts would mean the same bytes.
  if ((word & ((1 << bits) - 1)) !== 0) return undefined;
  return bytes;
}

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** base64url SHA-256 of a text's UTF-8. */
export async function hashText(text: string): Promise<string> {
  return base64UrlEncode(await sha256(utf8(text)));
}

/** base64url of 32 bytes: a SHA-256, and so a kid. */
export function isHash(text: string): boolean {
  return text.length === 43 && base64UrlDecode(text) !== undefined;
}

/** A UUID in lower case (RFC 9562, section 4). */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** A code: 1 to 64 of A-Z a-z 0-9 _ . - */
export function isCode(text: string): boolean {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text);
}
