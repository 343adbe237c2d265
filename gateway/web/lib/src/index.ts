// The library's whole face; README.md says what each part is for.
export * from './errors.js';
export * from './fingerprint.js';
export * from './jwk.js';
export * from './key_list.js';
export {type Recipient} from './recipient.js';
export * from './release_hash.js';
export * from './seal.js';
export * from './statements.js';
export * from './trust.js';
export * from './wraps.js';
