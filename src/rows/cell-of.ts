/** What a row has in a column; what every object of the language has, such as `constructor`, is no column. */
export function cellOf(values: Record<string, unknown>, column: string): unknown {
  return Object.hasOwn(values, column) ? values[column] : undefined;
}
