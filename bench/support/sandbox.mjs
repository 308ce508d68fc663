// A sandbox in a process of its own, so that it does not compete with the clock of the bench. Prints where it is.
import { startSandbox } from '@instructor-cli/sandbox';

const { key, openaiBaseUrl, anthropicBaseUrl } = await startSandbox();
process.stdout.write(`${JSON.stringify({ key, openaiBaseUrl, anthropicBaseUrl })}\n`);
