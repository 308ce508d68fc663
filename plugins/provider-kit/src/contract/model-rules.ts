import type { ModelRule } from './provider.js';

/**
 * Finds the traits of a model: the first rule whose pattern matches, asked in the order given. Answers are
 * remembered, since a file of a million requests asks a million times.
 */
export function modelRuleFinder<R extends ModelRule>(rules: readonly R[]): (model: string) => R | undefined {
  const known = new Map<string, R | undefined>();
  return (model) => {
    if (!known.has(model))
      known.set(
        model,
        rules.find((rule) => new RegExp(rule.match, 'i').test(model)),
      );
    return known.get(model);
  };
}
