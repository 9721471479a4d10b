// Prints how long a worker takes from its creation to its first message, in
// milliseconds, for as many workers as the argument says, one after the other.
const WARM_UP = 5;
const url = new URL("./worker.js", import.meta.url);

function start() {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const worker = new Worker(url, { type: "module" });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      const elapsed = performance.now() - started;
      worker.terminate();
      if (data === "2f62") resolve(elapsed);
      else reject(new Error(`the worker answered ${data}`));
    };
  });
}

const times = [];
for (let count = 0; count < WARM_UP + Number(Deno.args[0]); count++) {
  const elapsed = await start();
  if (count >= WARM_UP) times.push(elapsed);
}
console.log(JSON.stringify(times));
