import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import { openRequestFile } from '../core/open-request-file.js';
import { recogniseProvider } from '../core/recognise-provider.js';
import type { ProviderSession } from '../core/session.js';
import { note } from '../ui/notes.js';
import { InstructorCommand } from './base-command.js';
import { requireFile } from './flags.js';

interface FileFlags {
  'file-path'?: string;
  provider?: string;
  model?: string;
}

/** A request file that a command works on, and whose it is. */
export interface ChosenFile {
  /** Where it is read: standard input was put into a file. */
  path: string;
  /** What it is called in messages. */
  name: string;
  session: ProviderSession;
  /** Without its provider; absent if none was named. */
  model: string | undefined;
}

/** What the commands share that look at a request file and send nothing. They need no key. */
export abstract class RequestFileCommand extends InstructorCommand {
  /** Does the work on the file that the command line names. */
  protected async withFile<T>(
    flags: FileFlags,
    argument: string | undefined,
    work: (file: ChosenFile) => Promise<T>,
  ): Promise<T> {
    const given = requireFile(flags['file-path'], argument);
    const named =
      flags.provider === undefined && flags.model === undefined ? undefined : this.chooseProvider(flags);
    const { path, name, remove } = await openRequestFile(given, this.signal);
    try {
      const { session, model } = named ?? { session: await this.recognise(path, name), model: undefined };
      return await work({ path, name, session, model });
    } finally {
      await remove();
    }
  }

  /** Whose file it is, by what is in it. */
  private async recognise(path: string, name: string): Promise<ProviderSession> {
    const configured = this.env['INSTRUCTOR_PROVIDER'] || undefined;
    const { entry, note: text } = await recogniseProvider(this.registry, {
      path,
      name,
      configured,
      signal: this.signal,
    });
    if (text !== undefined) note(text);
    return this.openSession(entry);
  }

  /** What other providers' files look like. */
  protected get declarations(): ProviderDeclaration[] {
    return this.registry.entries.map(({ declaration }) => declaration);
  }
}
