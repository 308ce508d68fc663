import type { Ajv2020 } from 'ajv/dist/2020.js';
import { depth, isRecursive, scopes, target, visit, type Node } from './rules.js';

/** Keywords for what providers demand of a whole schema, which JSON Schema has no words for. */
export function addRuleKeywords(ajv: Ajv2020): void {
  const add = <Limit>(keyword: string, holds: (limit: Limit, schema: Node) => boolean) =>
    ajv.addKeyword({ keyword, errors: false, validate: holds });

  add('requiresAll', (_: boolean, schema) => {
    const names = Object.keys((schema.properties ?? {}) as Node);
    return names.sort().join() === [...((schema.required ?? []) as string[])].sort().join();
  });
  add('resolves', (_: boolean, schema) => {
    let all = true;
    visit(schema, '#', ({ $ref }) => {
      if ($ref !== undefined && !target(schema, $ref as string)) all = false;
    });
    return all;
  });
  add('notRecursive', (_: boolean, schema) => !isRecursive(schema));
  add('maxNesting', (limit: number, schema) => Math.max(...scopes(schema).map(depth)) <= limit);
  add('maxTotals', (limits: Record<string, number>, schema) => {
    const totals = totalsOf(schema);
    return Object.entries(limits).every(([name, limit]) => (totals[name] ?? 0) <= limit);
  });
  add('maxLongEnum', (limit: { values: number; characters: number }, schema) => {
    let fits = true;
    visit(schema, '#', (node) => {
      const values = (node.enum ?? []) as unknown[];
      if (values.length > limit.values && values.join('').length > limit.characters) fits = false;
    });
    return fits;
  });
}

function totalsOf(root: Node): Record<string, number> {
  const totals = { properties: 0, enumValues: 0, characters: 0, optional: 0, unions: 0 };
  visit(root, '#', (node) => {
    const names = Object.keys((node.properties ?? {}) as Node);
    const values = (node.enum ?? []) as unknown[];
    const constants = node.const === undefined ? [] : [node.const];
    totals.properties += names.length;
    totals.optional += names.length - ((node.required ?? []) as unknown[]).length;
    totals.enumValues += values.length;
    totals.characters += [...names, ...Object.keys((node.$defs ?? {}) as Node), ...values, ...constants].join(
      '',
    ).length;
    if (Array.isArray(node.anyOf) || Array.isArray(node.type)) totals.unions += 1;
  });
  return totals;
}
