// The module `phat`. Its parts come from contract.js, through a global that is
// gone before any script runs.
const { phat } = globalThis["\0phat"];

export const { abi, context, hash, hex, kv, log, publicKey, scale, secret, sign, vrf } = phat;
export default phat;
