// The library's whole face; README.md says what each part is for.
export * from './errors.js';
export * from './jwk.js';
export * from './seal.js';
