/** The documented rules of the providers, checked without any of the code that is meant to keep them. */

export type Node = Record<string, unknown>;

const OPENAI_FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];
const OPENAI_KEYWORDS = new Set([
  ...[
    'type',
    'enum',
    'const',
    'anyOf',
    '$ref',
    '$defs',
    'description',
    'properties',
    'required',
    'additionalProperties',
    'items',
  ],
  ...[
    'pattern',
    'format',
    'multipleOf',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minItems',
    'maxItems',
  ],
]);
const ANTHROPIC_KEYWORDS = new Set([
  ...[
    'type',
    'enum',
    'const',
    'anyOf',
    '$ref',
    '$defs',
    'description',
    'default',
    'properties',
    'required',
    'additionalProperties',
  ],
  ...['items', 'pattern', 'format', 'minItems'],
]);

/** What OpenAI's strict mode would object to. */
export function openaiObjections(root: Node): string[] {
  const objections: string[] = [];
  if (root.type !== 'object') objections.push('the root is not an object');
  if ('anyOf' in root || '$ref' in root) objections.push('the root is a union or a reference');
  visit(root, '#', (node, place) => {
    objections.push(...common(root, node, place, OPENAI_KEYWORDS));
    if (typeof node.format === 'string' && !OPENAI_FORMATS.includes(node.format))
      objections.push(`${place}: format ${node.format}`);
    if (isObjectNode(node)) {
      const names = Object.keys(node.properties as Node);
      const required = (node.required ?? []) as string[];
      if (names.length === 0) objections.push(`${place}: no properties`);
      if ([...names].sort().join() !== [...required].sort().join())
        objections.push(`${place}: not all properties are required`);
    }
  });
  if (Math.max(...scopes(root).map(depth)) > 10) objections.push('nested too deeply');
  return objections;
}

/** What Anthropic's structured output would object to. */
export function anthropicObjections(root: Node): string[] {
  const objections: string[] = [];
  if (root.type !== 'object') objections.push('the root is not an object');
  let optional = 0;
  let unions = 0;
  visit(root, '#', (node, place) => {
    objections.push(...common(root, node, place, ANTHROPIC_KEYWORDS));
    if (Array.isArray(node.anyOf) || Array.isArray(node.type)) unions += 1;
    if ('minItems' in node && node.minItems !== 0 && node.minItems !== 1)
      objections.push(`${place}: minItems`);
    if (isObjectNode(node))
      optional += Object.keys(node.properties as Node).length - ((node.required ?? []) as unknown[]).length;
  });
  if (optional > 24) objections.push(`${optional} optional properties`);
  if (unions > 16) objections.push(`${unions} unions`);
  if (isRecursive(root)) objections.push('recursive');
  return objections;
}

function common(root: Node, node: Node, place: string, keywords: Set<string>): string[] {
  const objections = Object.keys(node)
    .filter((keyword) => !keywords.has(keyword))
    .map((keyword) => `${place}: keyword ${keyword}`);
  const heads = ['type', 'anyOf', '$ref'].filter((keyword) => keyword in node);
  if (heads.length !== 1)
    objections.push(`${place}: needs exactly one of type, anyOf and $ref, has ${heads.join()}`);
  if ('$ref' in node) {
    if (Object.keys(node).length > 1) objections.push(`${place}: $ref with siblings`);
    if (!target(root, node.$ref as string)) objections.push(`${place}: dangling ${String(node.$ref)}`);
  }
  if (Array.isArray(node.anyOf) && node.anyOf.length === 0) objections.push(`${place}: empty anyOf`);
  if (isObjectNode(node) && node.additionalProperties !== false) objections.push(`${place}: open object`);
  if (isObjectNode(node) && typeof node.properties !== 'object') objections.push(`${place}: no properties`);
  if (node.type === 'array' && (typeof node.items !== 'object' || node.items === null))
    objections.push(`${place}: no items`);
  if (Array.isArray(node.enum) && node.enum.some((value) => typeof value === 'object' && value !== null)) {
    objections.push(`${place}: enum of objects`);
  }
  if (typeof node.pattern === 'string' && /\(\?[=!<]/.test(node.pattern))
    objections.push(`${place}: look-around`);
  if ('$defs' in node && place !== '#') objections.push(`${place}: definitions below the root`);
  return objections;
}

export function visit(node: Node, place: string, check: (node: Node, place: string) => void): void {
  check(node, place);
  for (const [name, child] of children(node)) visit(child, `${place}/${name}`, check);
}

function children(node: Node, definitions = true): [string, Node][] {
  const found: [string, Node][] = [];
  for (const [name, child] of Object.entries((node.properties ?? {}) as Node))
    found.push([`properties/${name}`, child as Node]);
  if (definitions)
    for (const [name, child] of Object.entries((node.$defs ?? {}) as Node))
      found.push([`$defs/${name}`, child as Node]);
  if (typeof node.items === 'object') found.push(['items', node.items as Node]);
  ((node.anyOf ?? []) as Node[]).forEach((child, index) => found.push([`anyOf/${index}`, child]));
  return found;
}

function isObjectNode(node: Node): boolean {
  return node.type === 'object' || (Array.isArray(node.type) && node.type.includes('object'));
}

export function target(root: Node, reference: string): Node | undefined {
  if (reference === '#') return root;
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
  return name === undefined ? undefined : ((root.$defs as Node | undefined)?.[name] as Node | undefined);
}

/** The root and each definition: references are not followed when levels are counted. */
export function scopes(root: Node): Node[] {
  return [root, ...(Object.values((root.$defs ?? {}) as Node) as Node[])];
}

/** Levels of objects and arrays. */
export function depth(node: Node): number {
  const own = isObjectNode(node) || node.type === 'array' ? 1 : 0;
  return own + Math.max(0, ...children(node, false).map(([, child]) => depth(child)));
}

/** Whether a definition leads back to itself. */
export function isRecursive(root: Node): boolean {
  const leads = (node: Node, trail: string[]): boolean => {
    const reference = node.$ref as string | undefined;
    if (reference !== undefined) {
      if (trail.includes(reference)) return true;
      const next = target(root, reference);
      return next !== undefined && leads(next, [...trail, reference]);
    }
    return children(node, false).some(([, child]) => leads(child, trail));
  };
  return leads(root, ['#']);
}
