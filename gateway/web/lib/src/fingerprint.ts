// A key in a form that two people can compare on the telephone.

import {base64UrlDecode, isHash} from './encoding.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The first 100 bits of a kid (the SHA-256 of RFC 7638) in Crockford's base32, as five groups of
 * four: "7F3K-9QRT-…". Of what is no kid: "".
 */
export function fingerprint(kid: string): string {
  const hash = isHash(kid) ? base64UrlDecode(kid) : undefined;
  if (hash === undefined) return '';
  let bits = 0n;
  for (const byte of hash) bits = (bits << 8n) | BigInt(byte);
  bits >>= BigInt(8 * hash.length - 100);
  let text = '';
  for (let at = 19; at >= 0; --at) {
    text += CROCKFORD[Number((bits >> BigInt(5 * at)) & 31n)];
    if (at % 4 === 0 && at > 0) text += '-';
  }
  return text;
}
