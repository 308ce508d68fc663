import type { RunOptions, RunResult } from './run-instructor.js';
import type { World } from './world.js';

/** A request as either provider has it. */
export interface RequestLine {
  custom_id: string;
  body?: { messages: { role: string; content: unknown }[] };
  params?: { messages: { role: string; content: unknown }[]; system?: unknown };
}

/** `batch create --input` of one world, each call with an output file of its own unless one is named. */
export class InputCreator {
  private number = 0;

  constructor(readonly world: World) {}

  async run(input: string, flags: readonly string[], options?: RunOptions): Promise<RunResult> {
    return await this.world.run(['batch', 'create', '--input', input, ...flags], options);
  }

  /** The requests that it wrote; an error of the test if it wrote none. */
  async requests(input: string, flags: readonly string[], options?: RunOptions): Promise<RequestLine[]> {
    const file = `created-${(this.number += 1)}.jsonl`;
    const result = await this.run(input, [...flags, '--output-file', file], options);
    if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}`);
    return (await this.world.rows(file)) as unknown as RequestLine[];
  }

  /** What the last message of each says, by its id. */
  async prompts(
    input: string,
    flags: readonly string[],
    options?: RunOptions,
  ): Promise<Record<string, unknown>> {
    const requests = await this.requests(input, flags, options);
    return Object.fromEntries(
      requests.map(({ custom_id, body, params }) => [custom_id, (body ?? params)?.messages.at(-1)?.content]),
    );
  }
}
