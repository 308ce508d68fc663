type Node = Record<string, unknown>;

/** How to choose where a schema leaves a choice. */
export interface Choice {
  /** Take null wherever it is allowed. */
  nulls: boolean;
  /** Leave out optional properties. */
  sparse: boolean;
  /** Which branch of a union; counted from the end if negative. */
  branch: number;
}

export const CHOICES: Choice[] = [
  { nulls: true, sparse: true, branch: 0 },
  { nulls: true, sparse: false, branch: -1 },
  { nulls: false, sparse: false, branch: 0 },
  { nulls: false, sparse: true, branch: 1 },
  { nulls: false, sparse: false, branch: -1 },
];

const FORMATS: Record<string, string> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'P1D',
  email: 'ada@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
};
const STRINGS = [
  'abcdef',
  'AB-12',
  '12345',
  'https://example.com/',
  'ada@example.com',
  '2026-01-02',
  'aGVsbG8=',
  '3.5',
];

/** Writes an answer as a model would that is held to a compiled schema. */
export function sampleOf(root: Node, choice: Choice, node: Node = root, depth = 0): unknown {
  if (typeof node.$ref === 'string') {
    const name = node.$ref.split('/').at(-1) as string;
    return sampleOf(root, choice, node.$ref === '#' ? root : ((root.$defs as Node)[name] as Node), depth + 1);
  }
  if ('const' in node) return node.const;
  if (Array.isArray(node.enum)) return node.enum.at(choice.branch % node.enum.length);
  if (Array.isArray(node.anyOf)) return branchSample(root, choice, node.anyOf as Node[], depth);
  const types = [node.type].flat() as string[];
  if (types.includes('null') && (choice.nulls || depth > 8)) return null;
  switch (types.find((type) => type !== 'null')) {
    case 'object':
      return objectSample(root, choice, node, depth);
    case 'array': {
      const length =
        depth > 8
          ? Number(node.minItems ?? 0)
          : Math.max(Number(node.minItems ?? 0), Math.min(2, Number(node.maxItems ?? 2)));
      return Array.from({ length }, () => sampleOf(root, choice, node.items as Node, depth + 1));
    }
    case 'string':
      return stringSample(node);
    case 'boolean':
      return true;
    case 'null':
    case undefined:
      return null;
    default:
      return numberSample(node);
  }
}

function branchSample(root: Node, choice: Choice, branches: Node[], depth: number): unknown {
  const real = branches.filter((branch) => branch.type !== 'null');
  if (real.length < branches.length && (choice.nulls || depth > 8)) return null;
  const leaf = depth > 8 ? real.find((branch) => !('$ref' in branch) && branch.type !== 'object') : undefined;
  return sampleOf(root, choice, leaf ?? (real.at(choice.branch % real.length) as Node), depth + 1);
}

function objectSample(root: Node, choice: Choice, node: Node, depth: number): unknown {
  const required = (node.required ?? []) as string[];
  const entries = Object.entries(node.properties as Node)
    .filter(([name]) => required.includes(name) || (!choice.sparse && depth < 8))
    .map(([name, child]) => [name, sampleOf(root, choice, child as Node, depth + 1)]);
  return Object.fromEntries(entries);
}

function stringSample(node: Node): string {
  if (typeof node.format === 'string') return FORMATS[node.format] as string;
  const told = /format "([^"]+)"/.exec(String(node.description))?.[1];
  if (told && FORMATS[told]) return FORMATS[told];
  const stated = node.pattern ?? /regular expression (.+?)\.(?= |$)/.exec(String(node.description))?.[1];
  const pattern = new RegExp(typeof stated === 'string' ? stated : '', 'u');
  return STRINGS.find((text) => pattern.test(text)) ?? 'abcdef';
}

function numberSample(node: Node): number {
  const step = Number(node.multipleOf ?? 1);
  const least = Number(
    node.minimum ?? (node.exclusiveMinimum === undefined ? 5 : Number(node.exclusiveMinimum) + step),
  );
  const most = Number(
    node.maximum ?? (node.exclusiveMaximum === undefined ? Infinity : Number(node.exclusiveMaximum) - step),
  );
  return Math.min(most, Math.ceil(least / step) * step);
}
