import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { checkSchema, type SchemaTarget } from '../../core/check-schema.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { say } from '../../ui/notes.js';
import { renderSchemaReport, schemaReportToJson, summarizeSchemaReport } from '../../ui/schema-report.js';
import { writeOut } from '../../ui/terminal.js';

export default class SchemaCheck extends InstructorCommand {
  static override summary = 'See a response model as each provider gets it, and what to know about it';

  static override description =
    'Compiles the schema for each provider and lists what stands against it (error), what makes answers worse than they could be (warning) and what was done to it (info), each with its path. Answers are always checked against the schema as you wrote it, refinements and transforms included. Nothing is sent, and no key is needed. Exit code 1: a provider cannot be given the schema.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> schemas.ts#Person',
    '<%= config.bin %> <%= command.id %> person.json --model openai/gpt-4o --model anthropic/claude-haiku-4-5 --strict',
  ];

  static override args = {
    schema: Args.string({
      description:
        'The shape of the answers: file.ts#Export (zod or any Standard Schema), or a .json JSON Schema',
      required: true,
      ignoreStdin: true,
    }),
  };

  static override flags = {
    provider: Flags.string({
      summary: 'Provider to check for; may be given several times; without it all that are installed',
      multiple: true,
      multipleNonGreedy: true,
    }),
    model: Flags.string({
      summary:
        "Model in format 'provider/model-name'; may be given several times; else the provider's default",
      multiple: true,
      multipleNonGreedy: true,
    }),
    endpoint: Flags.string({
      summary: "Endpoint of the requests; the provider's first by default",
      helpValue: 'PATH',
    }),
    strict: Flags.boolean({ summary: 'Exit with 1 for warnings too' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SchemaCheck);
    const targets = this.targets(flags.provider ?? [], flags.model ?? [], flags.endpoint);
    const report = await checkSchema(await loadResponseModel(args.schema), targets);
    if (!this.jsonEnabled()) writeOut(renderSchemaReport(report));
    say(summarizeSchemaReport(report));
    const all = [...report.findings, ...report.providers.flatMap(({ findings }) => findings)];
    const failing = all.some(({ level }) => level === 'error' || (flags.strict && level === 'warning'));
    if (failing) process.exitCode = EXIT.failed;
    return schemaReportToJson(report);
  }

  /** Each model that was named, then each provider without one. */
  private targets(providers: string[], models: string[], endpoint: string | undefined): SchemaTarget[] {
    const targets = new Map<string, SchemaTarget>();
    for (const name of models) {
      const only = providers.length === 1 ? providers[0] : undefined;
      const { session, model } = this.chooseProvider({ provider: only, model: name });
      const { id } = session.declaration;
      if (providers.length > 0 && !providers.includes(id)) {
        throw new InstructorError('usage', `--model ${name} is of none of the providers given`, {
          hint: `Add --provider ${id}, or leave --provider out`,
        });
      }
      targets.set(`${id}/${model}`, { session, model, endpoint });
    }
    const named = new Set([...targets.values()].map(({ session }) => session.declaration.id));
    const all = models.length > 0 ? [] : this.registry.ids;
    for (const id of providers.length > 0 ? providers : all) {
      if (named.has(id)) continue;
      targets.set(id, { session: this.openSession(this.registry.get(id)), endpoint });
    }
    return [...targets.values()];
  }
}
