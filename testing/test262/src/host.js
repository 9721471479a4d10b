// What the suite expects of its host. Scripts end with the value of their last
// expression, or with what `scriptOutput` is set to.
const $262 = {
  global: globalThis,
  createRealm() { throw new Error("contracts have one realm"); },
  detachArrayBuffer(buffer) { buffer.transfer(); },
  evalScript(text) { return (0, eval)(text); },
  gc() { throw new Error("contracts cannot collect garbage"); },
  get agent() { throw new Error("contracts have one agent"); },
};
const $DETACHBUFFER = $262.detachArrayBuffer;
function print() {}
function $DONE(error) {
  const end = error === undefined ? "done" : `failed: ${error && error.message || error}`;
  if (typeof $settle === "function") $settle(end);
  else globalThis.scriptOutput = end;
}
