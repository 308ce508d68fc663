import type { ProviderDeclaration } from '@instructor-cli/provider-kit';

/** Whether a request has the keys that all requests of a provider have. */
export function hasRequestKeys(request: unknown, { requestKeys }: ProviderDeclaration): boolean {
  if (typeof request !== 'object' || request === null) return false;
  return requestKeys?.every((key) => key in request) ?? false;
}
