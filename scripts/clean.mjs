// Removes what the build makes.
import { readdirSync, rmSync } from 'node:fs';

for (const folder of ['.', ...readdirSync('plugins').map((name) => `plugins/${name}`)]) {
  rmSync(`${folder}/dist`, { recursive: true, force: true });
}
