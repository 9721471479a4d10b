// The module `phat`. Its parts come from contract.js, through a global that is
// gone before any script runs.
const library = globalThis["\0phat"];

export const kv = library.kv;
export const hex = library.hex;
export const hash = library.hash;
export const log = library.log;
export default Object.freeze({ kv, hex, hash, log });
