/** The worst first. `error`: a provider cannot be given the schema; `warning`: answers may be worse than they could be. */
export const FINDING_LEVELS = ['error', 'warning', 'info'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** Something worth knowing about a schema. */
export interface Finding {
  level: FindingLevel;
  /** A stable word to filter by, such as `no_description`. */
  rule: string;
  /** A JSON pointer into the user's schema; empty for the root. */
  path: string;
  message: string;
  /** What to do about it. */
  fix?: string;
}

/** The worst first, then by place, and each only once. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...once.values()].sort((a, b) => rank(a) - rank(b) || compare(a.path, b.path));
}

function rank({ level }: Finding): number {
  return FINDING_LEVELS.indexOf(level);
}

/** The same order on every machine, whatever its language. */
function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
