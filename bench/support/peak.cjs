// Required into a program that is measured: leaves its peak of resident memory, and the time it ran, in a file.
const { readFileSync, writeFileSync } = require('node:fs');

const start = process.hrtime.bigint();
process.on('exit', () => {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  writeFileSync(
    process.env.BENCH_PEAK,
    JSON.stringify({ megabytes: Number(peak?.[1] ?? 0) / 1024, milliseconds }),
  );
});
