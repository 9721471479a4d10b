// Calls, comparisons and sums: what an interpreter spends its time on.
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
export default () => String(fib(27));
