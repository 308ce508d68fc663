/** Lines that set environment variables in the shell of this platform. */
export function exportLines(environment: Record<string, string>, platform = process.platform): string[] {
  return Object.entries(environment).map(([name, value]) =>
    platform === 'win32' ? `$env:${name} = '${value}'` : `export ${name}=${value}`,
  );
}
