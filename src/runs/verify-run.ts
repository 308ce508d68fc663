import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InstructorError } from '../failure/instructor-error.js';
import { IdTable } from '../rows/id-table.js';
import { readFileBlocks } from '../rows/input-file.js';
import { readLines } from '../rows/read-lines.js';
import type { ProviderSession } from '../core/session.js';
import { askedRequests, LaterRequests } from './finish/asked-requests.js';
import { sha256 } from './sha256.js';
import type { Receipt } from './finish/receipt.js';
import type { KnownRun } from './find-runs.js';
import { oneByOne } from './one-by-one.js';
import { DIRECT } from './collect/local-answers.js';
import { hashFile } from './send/shard-source.js';

/** Something that is not as the journal and the receipts say. */
export interface Finding {
  /** A stable word. */
  code: 'missing_file' | 'changed_file' | 'missing_row' | 'doubled_row' | 'changed_row' | 'unfinished';
  /** Relative to the run directory, or the file of the user's. */
  file: string;
  message: string;
}

export interface Verified {
  rows: number;
  files: number;
  findings: Finding[];
  /** Findings beyond these are counted only. */
  more: number;
  /** What could not be looked at. */
  notes: string[];
}

const MOST_FINDINGS = 100;
const ORDER = 'requests/order.txt';

/**
 * Proves that nothing of a run is missing, doubled or changed: the files are those of the journal, each row of the input
 * has one request, one result and one receipt, and their hashes are those of the receipt. Needs no key.
 */
export async function verifyRun(
  known: KnownRun,
  session: ProviderSession,
  signal: AbortSignal,
): Promise<Verified> {
  return await new Verifier(known, session, signal).verify();
}

class Verifier {
  private readonly verified: Verified = { rows: 0, files: 0, findings: [], more: 0, notes: [] };

  constructor(
    private readonly known: KnownRun,
    private readonly session: ProviderSession,
    private readonly signal: AbortSignal,
  ) {}

  async verify(): Promise<Verified> {
    const { state } = this.known;
    if (!state.finished) {
      this.find('unfinished', 'journal.jsonl', 'the run is not finished, so there is nothing to prove yet');
      return this.verified;
    }
    await this.verifyFiles();
    // Rows of files that have changed would only repeat that.
    if (this.verified.findings.length > 0) return this.verified;
    try {
      await this.verifyRows();
    } catch (error) {
      // The order alone has no hash in the journal: one that does not go with the requests shows only here.
      if (this.signal.aborted || !(error instanceof InstructorError)) throw error;
      this.find('changed_file', ORDER, error.message);
    }
    return this.verified;
  }

  private async verifyFiles(): Promise<void> {
    const { settings, state } = this.known;
    const { finished } = state;
    if (!finished) return;
    for (const shard of state.shards.values()) await this.verifyFile(shard.file, shard);
    if (!existsSync(this.known.paths.order)) this.find('missing_file', ORDER, 'it is not there any more');
    for (const { files } of state.in('collected'))
      for (const file of files) await this.verifyFile(file.path, file);
    if (state.direct?.file) await this.verifyFile(state.direct.file.path, state.direct.file);
    await this.verifyFile('results.jsonl', finished.results);
    await this.verifyFile('receipts.jsonl', finished.receipts);
    const { input } = settings;
    if (existsSync(input.path)) await this.verifyFile(input.path, input);
    else this.verified.notes.push(`The input ${input.path} is not there any more`);
    const { output } = finished;
    if (!output) return;
    if (existsSync(output.path)) await this.verifyFile(output.path, output);
    else this.verified.notes.push(`The output ${output.path} is not there any more`);
  }

  private async verifyFile(file: string, expected: { bytes: number; sha256: string }): Promise<void> {
    const path = file.startsWith('/') || /^[a-z]:[\\/]/i.test(file) ? file : join(this.known.folder, file);
    this.verified.files += 1;
    if (!existsSync(path)) return this.find('missing_file', file, 'it is not there any more');
    const { bytes, sha256: hash } = await hashFile(path, this.signal);
    if (bytes !== expected.bytes)
      this.find('changed_file', file, `it has ${bytes} bytes instead of ${expected.bytes}`);
    else if (hash !== expected.sha256) this.find('changed_file', file, 'its content has changed');
  }

  private async verifyRows(): Promise<void> {
    const { known, session, signal } = this;
    const { paths, state } = known;
    const source = { paths, session, state, signal };
    const allAsked = oneByOne(askedRequests(source));
    const receipts = oneByOne(linesOf(paths.receipts));
    const results = oneByOne(linesOf(paths.results));
    const later = await LaterRequests.read(source);
    const answers = await this.answerHashes();
    const seen = new IdTable(state.requests);
    try {
      for (;;) {
        const [asked, receiptText, result] = [
          await allAsked.next(),
          await receipts.next(),
          await results.next(),
        ];
        if (!asked) {
          if (receiptText !== undefined)
            this.find('doubled_row', 'receipts.jsonl', 'it has more lines than there are requests');
          break;
        }
        this.verified.rows += 1;
        if (receiptText === undefined || result === undefined) {
          this.find(
            'missing_row',
            receiptText === undefined ? 'receipts.jsonl' : 'results.jsonl',
            `${asked.customId} is not in it`,
          );
          continue;
        }
        const receipt = JSON.parse(receiptText) as Receipt;
        this.verifyRow(asked, receipt, result, { later, answers });
        if (seen.add(asked.customId) < 0)
          this.find('doubled_row', 'requests', `${asked.customId} was asked twice in the first round`);
      }
    } finally {
      for (const files of [allAsked, receipts, results]) await files.close();
    }
    if (this.verified.rows !== state.requests)
      this.find(
        'missing_row',
        'requests',
        `there are ${this.verified.rows} requests, and ${state.requests} were planned`,
      );
  }

  private verifyRow(
    asked: { customId: string; inputSha256: string; requestSha256: string },
    receipt: Receipt,
    result: string,
    { later, answers }: { later: LaterRequests; answers: IdTable },
  ): void {
    const { customId } = asked;
    const changed = (file: string, what: string): void =>
      this.find('changed_row', file, `${customId}: ${what}`);
    if (receipt.custom_id !== customId)
      return changed('receipts.jsonl', `its receipt is of ${receipt.custom_id}`);
    if (receipt.input_sha256 !== asked.inputSha256) changed('receipts.jsonl', 'another row of the input');
    const batch = receipt.batch_id ?? '';
    const request = later.of(batch, customId) ?? asked.requestSha256;
    if (receipt.request_sha256 !== request) changed('receipts.jsonl', 'another request');
    if (receipt.result_sha256 !== sha256(result))
      changed('results.jsonl', 'another result than on its receipt');
    const { id } = receipt;
    if ((JSON.parse(result) as { custom_id?: unknown }).custom_id !== id)
      changed('results.jsonl', 'its result is of another row');
    if (receipt.answer_sha256 !== null && answers.find(`${batch} ${receipt.answer_sha256}`) === -1)
      changed('answers', 'no answer that was downloaded is the one of its receipt');
  }

  /** The hashes of all lines that were downloaded, each with its batch. */
  private async answerHashes(): Promise<IdTable> {
    const { state, folder } = this.known;
    const hashes = new IdTable(state.requests);
    const files = state
      .in('collected')
      .flatMap(({ batch = '', files: all }) => all.map(({ path }) => ({ batch, path })));
    if (state.direct?.file) files.push({ batch: DIRECT, path: state.direct.file.path });
    for (const { batch, path } of files) {
      for await (const lines of linesOf(join(folder, path)))
        for (const line of lines) hashes.add(`${batch} ${sha256(line)}`);
    }
    return hashes;
  }

  private find(code: Finding['code'], file: string, message: string): void {
    if (this.verified.findings.length < MOST_FINDINGS) this.verified.findings.push({ code, file, message });
    else this.verified.more += 1;
  }
}

async function* linesOf(path: string): AsyncGenerator<string[]> {
  for await (const { lines } of readLines(readFileBlocks(path), path))
    yield lines.filter((line) => line !== '');
}
