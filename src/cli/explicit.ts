/** What oclif's parser tells about where the value of a flag came from. */
interface ParseMetadata {
  flags: Record<string, { setFromDefault?: boolean } | undefined>;
}

/** Whether the user wrote a flag that has a default, or the default stands in. */
export function isExplicit(metadata: ParseMetadata, flag: string): boolean {
  return metadata.flags[flag]?.setFromDefault !== true;
}

export function settingOf<T>(
  metadata: ParseMetadata,
  flag: string,
  value: T,
): { value: T; explicit: boolean } {
  return { value, explicit: isExplicit(metadata, flag) };
}
