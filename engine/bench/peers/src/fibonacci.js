// Prints how long the script that computes fib(27) takes, in milliseconds, for as many
// calls as the argument says. It is called once before, for the compiler to see it.
import run from "../../scripts/fibonacci.js";

const times = [];
for (let call = 0; call <= Number(Deno.args[0]); call++) {
  const started = performance.now();
  const result = run();
  const elapsed = performance.now() - started;
  if (result !== "196418") throw new Error(`fib(27) is not ${result}`);
  if (call > 0) times.push(elapsed);
}
console.log(JSON.stringify(times));
