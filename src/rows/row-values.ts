/** An object of columns, whatever they are called. */
export function rowValues(names: readonly string[], cells: readonly unknown[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    if (name === '__proto__') {
      Object.defineProperty(values, name, {
        value: cells[index],
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } else values[name] = cells[index];
  }
  return values;
}
