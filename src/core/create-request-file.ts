import { openOutput, requireOtherFile } from '../rows/output-file.js';
import type { CreateFromRowsOptions } from './batch-processor-options.js';
import { createRequests, type CreatedRequests, type RequestTarget } from './create-requests.js';
import { SideFile, sidePath } from './side-file.js';

/** Writes a request file of rows, and what belongs beside it: all of them or none. */
export async function createRequestFile(
  options: CreateFromRowsOptions & RequestTarget,
): Promise<CreatedRequests> {
  const { path, rowsPath, rowsName, skipBadRows } = options;
  await requireOtherFile(path, rowsPath);
  const output = await openOutput(path, options);
  const beside = (name: string): SideFile => new SideFile(sidePath(path, name), options);
  const badRows = skipBadRows ? beside('skipped') : undefined;
  const idList = path === '-' ? undefined : beside('ids');
  const files = [output, badRows, idList];
  try {
    for (const file of [badRows, idList]) if (file) await requireOtherFile(file.path, rowsPath);
    await badRows?.requireFreeName();
    const created = await createRequests({ ...options, output, badRows, idList });
    const problem = created.problems.toError(rowsName, 'nothing was written');
    if (problem) throw problem;
    for (const file of files) await file?.commit();
    return { ...created, skipped: badRows && { rows: badRows.lines, path: badRows.path } };
  } finally {
    for (const file of files) await file?.discard();
  }
}
