/** The part of the Standard Schema interface that is used here, see https://standardschema.dev. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardProps<Input, Output>;
}

export interface StandardProps<Input = unknown, Output = Input> {
  readonly version: 1;
  readonly vendor: string;
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

export type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Standard JSON Schema: the library also says what its schemas look like as JSON Schema. */
export interface StandardJsonSchema {
  readonly jsonSchema: { readonly input: (options: { target: string }) => Record<string, unknown> };
}

/** The standard properties of a schema of any library. Some libraries make their schemas functions. */
export function standardProps(value: unknown): (StandardProps & Partial<StandardJsonSchema>) | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value))
    return undefined;
  const props = value['~standard'];
  return typeof props === 'object' && props !== null && 'validate' in props
    ? (props as StandardProps)
    : undefined;
}
