const ODD = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '\u0000\ud800',
  'x'.repeat(5000),
  [],
  {},
  [null],
  [[]],
  [{}],
];

/** Random but repeatable JSON values, built from the field names given and from odd values. */
export function* anyJson(fields: readonly string[], count: number): Generator<unknown> {
  let state = 42;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const value = (depth: number): unknown => {
    if (depth === 0 || below(3) === 0) return ODD[below(ODD.length)];
    if (below(4) === 0) return Array.from({ length: below(4) }, () => value(depth - 1));
    const names = Array.from({ length: below(8) }, () => fields[below(fields.length)]!);
    return JSON.parse(
      `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value(depth - 1))}`).join(',')}}`,
    );
  };
  yield* ODD;
  for (let made = 0; made < count; made += 1) yield value(4);
}
