import type { ProviderDeclaration, Tokenizer } from '@instructor-cli/provider-kit';

/** How the tokens of a model are counted, as its provider declares it; nothing if that is not known. */
export function chooseTokenizer(
  { tokenizers = [] }: ProviderDeclaration,
  model: string,
): Tokenizer | undefined {
  return tokenizers.find(({ match }) => new RegExp(match, 'i').test(model));
}
