import type { BatchFileKind } from '@instructor-cli/provider-kit';
import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { batchIdArg, batchIdFlag, forceFlag, providerFlag, requireBatchId } from '../../cli/flags.js';
import { downloadFiles } from '../../core/download-files.js';
import { getBatch } from '../../core/get-batch.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { formatBytes } from '../../ui/format.js';
import { note, say } from '../../ui/notes.js';
import { startProgress } from '../../ui/progress.js';
import { writeOut } from '../../ui/terminal.js';

const KINDS: readonly BatchFileKind[] = ['output', 'errors', 'input'];

export default class BatchDownloadFile extends InstructorCommand {
  static override summary = 'Download the file associated with a batch job';

  static override description =
    'The raw bytes as the provider has them. A broken connection is taken up again; an incomplete file never gets the final name. With several files each one gets its kind before the extension: results.output.jsonl.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --download-file-path out.jsonl',
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --download-file-path out.jsonl --which output,errors',
  ];

  static override args = batchIdArg;

  static override flags = {
    'batch-id': batchIdFlag({ summary: 'Batch job ID to download (required)' }),
    'download-file-path': Flags.string({
      summary: 'Path to download file to; - is standard output',
      required: true,
      helpValue: 'FILE',
    }),
    provider: providerFlag,
    which: Flags.string({
      summary: 'Which files, with commas between: output, errors, input',
      default: 'output',
    }),
    force: forceFlag,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchDownloadFile);
    const batchId = requireBatchId(flags['batch-id'], args.batchId);
    const { session } = this.chooseProvider({ provider: flags.provider, batchId });
    const which = readKinds(flags.which);
    const path = flags['download-file-path'];
    if (path === '-' && this.jsonEnabled()) {
      throw new InstructorError('usage', '--json and a file on standard output exclude each other');
    }
    const batch = await getBatch(session, batchId, this.signal);
    const progress = await startProgress('Downloading', { quiet: path === '-' && process.stdout.isTTY });
    const files = await downloadFiles({
      session,
      batch,
      which,
      path,
      force: flags.force,
      signal: this.signal,
      onProgress: (received, total) => progress.update(received, total),
      onResume: ({ at, reason }) =>
        note(`${reason}; going on ${at === 0 ? 'from the start' : `at byte ${at}`}`),
    }).finally(() => progress.stop());
    const absent = which.filter((kind) => !files.some((file) => file.kind === kind));
    if (absent.length > 0) note(`The batch has no ${absent.join(' and no ')} file`);
    for (const file of files) {
      if (path === '-') continue;
      if (!this.jsonEnabled()) writeOut(file.path);
      say(`${file.kind} file: ${formatBytes(file.bytes)}`);
    }
    return { id: batchId, provider: session.declaration.id, files };
  }
}

function readKinds(text: string): BatchFileKind[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  for (const kind of kinds) {
    if (!KINDS.includes(kind as BatchFileKind)) {
      throw new InstructorError('usage', `--which "${kind}" is no file of a batch`, {
        hint: `Use ${KINDS.join(', ')}, with commas between`,
      });
    }
  }
  return [...new Set(kinds)] as BatchFileKind[];
}
