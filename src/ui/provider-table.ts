import { OPERATIONS, type Operation, type ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { ProviderEntry } from '../registry/provider-registry.js';
import { hasColour, paint, widthOf } from './terminal.js';
import { visible } from '../text/visible.js';

/** One line of the support matrix. */
export interface MatrixRow {
  operation: string;
  cells: { supported: boolean; note: string }[];
}

const NAMES: Partial<Record<Operation, string>> = { deleteFiles: 'Delete files', direct: 'Ask at once' };

/** What each provider can do, from the declarations alone. README shows the same. */
export function supportMatrix(declarations: readonly ProviderDeclaration[]): MatrixRow[] {
  const rows: MatrixRow[] = OPERATIONS.map((operation) => ({
    operation: NAMES[operation] ?? operation.charAt(0).toUpperCase() + operation.slice(1),
    cells: declarations.map(({ capabilities }) => {
      const capability = capabilities[operation] ?? { supported: false };
      return {
        supported: capability.supported,
        note: capability.supported ? (capability.note ?? '') : 'Not supported',
      };
    }),
  }));
  rows.push({
    operation: 'Partial results',
    cells: declarations.map(({ capabilities }) => ({
      supported: capabilities.partialResults,
      note: capabilities.partialResults ? 'After cancel and expiry' : 'Not supported',
    })),
  });
  rows.push({
    operation: 'Metadata',
    cells: declarations.map(({ capabilities: { metadata } }) => ({
      supported: metadata !== undefined,
      note: metadata ? `${metadata.maxPairs} pairs` : 'None',
    })),
  });
  return rows;
}

/** The matrix, and below it where each provider comes from and whether its key is set. */
export async function renderProviders(
  entries: readonly ProviderEntry[],
  env: Record<string, string | undefined>,
): Promise<string> {
  if (entries.length === 0) return 'No providers are installed';
  const { renderTable, tableWidth } = await import('./table.js');
  const colour = hasColour(process.stdout);
  const matrix = supportMatrix(entries.map(({ declaration }) => declaration));
  const head = ['Operation', ...entries.map(({ declaration }) => visible(declaration.name))];
  const rows = matrix.map(({ operation, cells }) => [
    operation,
    ...cells.map(({ supported, note }) => `${supported ? '✓' : '✗'} ${visible(note)}`),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const available = widthOf(process.stdout);
  while (tableWidth(widths, 1) > available && Math.max(...widths) > 12) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const painted = rows.map((row) =>
    row.map((cell) =>
      colour
        ? cell
            .replace(/^✓/, paint(process.stdout, 'green', '✓'))
            .replace(/^✗/, paint(process.stdout, 'red', '✗'))
        : cell,
    ),
  );
  const table = renderTable({ title: 'Provider Support Matrix', head, rows: painted, widths, padding: 1 });
  const origins = entries.map(({ declaration: { id, credentials }, plugin }) => {
    const key =
      credentials.length === 0
        ? 'no key needed'
        : credentials.some((name) => env[name])
          ? 'key set'
          : `no key (${credentials.join(' or ')})`;
    return `  ${id.padEnd(12)} ${plugin.name} ${plugin.version}, ${plugin.origin}; ${key}`;
  });
  return `${table}\n\n${origins.map(visible).join('\n')}`;
}
