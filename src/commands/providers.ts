import { InstructorCommand } from '../cli/base-command.js';
import { providerToJson } from '../ui/json.js';
import { renderProviders } from '../ui/provider-table.js';
import { writeOut } from '../ui/terminal.js';

export default class Providers extends InstructorCommand {
  static override summary = 'Show the installed providers and what each of them can do';

  static override description =
    'Read from the declarations of the plugins; no code of theirs is run. Other providers come with: <%= config.bin %> plugins install NAME';

  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    await this.parse(Providers);
    const { entries, warnings } = this.registry;
    if (!this.jsonEnabled()) writeOut(await renderProviders(entries, this.env));
    return {
      providers: entries.map(providerToJson),
      warnings,
    };
  }
}
