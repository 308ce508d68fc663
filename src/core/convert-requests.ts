import { InstructorError } from '../failure/instructor-error.js';
import { openOutput, requireOtherFile, type Output } from '../rows/output-file.js';
import { readRequestFile, type RequestFileOptions } from './read-request-file.js';
import { RequestConverter, type Conversion, type ConverterOptions } from './request-converter.js';

export interface ConvertOptions extends RequestFileOptions, ConverterOptions {
  /** Where the new requests go; `-` is standard output. */
  outputPath: string;
  /** Replace a file that is there. */
  force?: boolean;
}

/** Writes the requests of a file for another provider. Nothing is written if one of them cannot be converted. */
export async function convertRequests(options: ConvertOptions): Promise<Conversion> {
  const { declaration, provider, path, name = path, outputPath } = options;
  if (!provider.readRequest) {
    throw new InstructorError('unsupported', `Requests of ${declaration.name} cannot be converted`, {
      hint: 'Look for a newer version of its plugin: instructor plugins update',
    });
  }
  const converter = new RequestConverter(options, provider.readRequest.bind(provider));
  await requireOtherFile(outputPath, path);
  const output = await openOutput(outputPath, options);
  const refuseProblems = (): void => {
    const consequence = outputPath === '-' ? 'the output is not complete' : 'nothing was written';
    const failure = converter.checker.problems.toError(name, consequence);
    if (failure) throw failure;
  };
  try {
    await convertLines(options, converter, output);
    refuseProblems();
    const conversion = converter.conversion();
    // Only now it shows that there was no request at all.
    refuseProblems();
    await output.commit();
    return conversion;
  } finally {
    await output.discard();
  }
}

async function convertLines(
  options: RequestFileOptions,
  converter: RequestConverter,
  output: Output,
): Promise<void> {
  const { checker } = converter;
  for await (const block of readRequestFile(options)) {
    for (const line of block) {
      const text = converter.convert(line);
      if (checker.foreign) return;
      // What is not going to stay need not be written.
      const full = text === undefined || checker.problems.total > 0 ? undefined : output.write(text);
      if (full) await full;
    }
  }
  checker.addBytes(output.bytes);
}
