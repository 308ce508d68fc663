import type { BatchFile } from '../../contract/batch.js';
import type { ProviderDeclaration } from '../../contract/declaration.js';
import type { ProviderResult } from '../../contract/outcome.js';
import type { BatchProvider } from '../../contract/provider.js';
import type { ConformanceCheck } from '../conformance-checks.js';
import { ensure, isRecord, show } from '../ensure.js';
import { resultLineIsRead } from '../result-checks.js';
import { SAMPLE_SCHEMAS } from '../sample-schemas.js';
import type { Service } from './service.js';

/** What comes back. */
export function outputChecks(declaration: ProviderDeclaration, service: Service): ConformanceCheck[] {
  if (!declaration.capabilities.results.supported) return [];
  return [
    {
      name: 'every request is accounted for, once, by a line that can be read',
      run: async () => {
        const sent = await service.ended();
        const results = await readResults(service, await service.connect(), sent.batch.files);
        const ids = results.map(({ customId }) => customId);
        for (const id of sent.ids) {
          const times = ids.filter((other) => other === id).length;
          ensure(times === 1, `the request ${show(id)} has ${times} results`);
        }
        const stray = ids.find((id) => !sent.ids.includes(id));
        ensure(stray === undefined, `there is a result for ${show(stray)}, which was never asked`);
      },
    },
    {
      name: 'structured answers come back in the shape of the schema',
      run: async () => {
        const { batch, schema } = await service.ended();
        if (!schema) return;
        for (const result of await readResults(service, await service.connect(), batch.files)) {
          if (result.outcome !== 'succeeded') continue;
          const answer = valueOf(result);
          const fits = SAMPLE_SCHEMAS[0]?.accepts(schema.decode(answer));
          ensure(fits, `the answer ${show(answer)} does not fit the schema that was sent`);
        }
      },
    },
    {
      name: 'the input file, where there is one, holds the requests',
      run: async () => {
        const { batch, ids } = await service.ended();
        const made = await service.connect();
        const input = batch.files.find(({ kind }) => kind === 'input');
        if (!input) return;
        const lines = linesOf((await service.read(made, input)).bytes);
        const found = lines.map((line) => made.checkRequest(JSON.parse(line)).customId);
        ensure(
          ids.every((id, index) => found[index] === id),
          `the input file holds the requests ${show(found)}`,
        );
      },
    },
    {
      name: 'a file can be opened at a byte',
      run: async () => {
        const { batch } = await service.ended();
        const made = await service.connect();
        const [file] = resultFiles(batch.files);
        ensure(file, 'a completed batch names no file with results');
        const whole = await service.read(made, file);
        const size = whole.bytes.byteLength;
        ensure(whole.offset === 0, `a file opened from the start says that it starts at ${whole.offset}`);
        const known = whole.totalBytes === undefined || whole.totalBytes === size;
        ensure(known, `totalBytes is ${whole.totalBytes}, but the file has ${size}`);

        const offset = Math.floor(size / 2);
        const rest = await service.read(made, file, { offset, ifRange: whole.validator });
        const honest = rest.offset === offset || rest.offset === 0;
        ensure(honest, `asked for byte ${offset}, openFile starts at ${rest.offset}`);
        const expected = whole.bytes.subarray(rest.offset);
        ensure(
          rest.bytes.equals(expected),
          `opened at byte ${offset}, the file does not go on where it should`,
        );
        const same = rest.totalBytes === undefined || rest.totalBytes === size;
        ensure(
          same,
          `totalBytes is the size of the whole file, ${size}; opened at ${offset} it is ${rest.totalBytes}`,
        );
      },
    },
  ];
}

async function readResults(
  service: Service,
  made: BatchProvider,
  files: readonly BatchFile[],
): Promise<ProviderResult[]> {
  const results: ProviderResult[] = [];
  for (const file of resultFiles(files)) {
    const { bytes } = await service.read(made, file);
    for (const line of linesOf(bytes)) results.push(resultLineIsRead(made, line));
  }
  return results;
}

function resultFiles(files: readonly BatchFile[]): BatchFile[] {
  return files.filter(({ kind }) => kind !== 'input');
}

function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function valueOf({ answer }: ProviderResult): unknown {
  if (answer?.kind !== 'text') return answer?.value;
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return isRecord(answer) ? answer.text : undefined;
  }
}
