// The small script in a worker of its own.
import run from "../../scripts/small.js";

postMessage(run());
