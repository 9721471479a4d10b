// The small script in a process of its own.
import run from "../../scripts/small.js";

console.log(run());
