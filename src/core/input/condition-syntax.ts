import type { Token, Tokenizer, TokenKind } from 'liquidjs';

/** What of Liquid's own reading is needed to look at a condition; it is loaded only when there is one. */
export interface LiquidReading {
  Tokenizer: typeof Tokenizer;
  TokenKind: typeof TokenKind;
}

const COMPARISONS = new Set(['==', '!=', '>', '<', '>=', '<=', 'contains']);
const OPERATORS = [...COMPARISONS, 'and', 'or', 'not'].join(' ');

/**
 * Says what is wrong with a condition, or nothing. Liquid itself is content with the part that it understands:
 * `score 9` would be `score`, and `score >` would compare with nothing.
 */
export function conditionFault(text: string, reading: LiquidReading): string | undefined {
  const { Tokenizer } = reading;
  if (text.trim() === '') return 'it is empty';
  const tokenizer = new Tokenizer(text, undefined, undefined, undefined, true);
  const fault = expressionFault([...tokenizer.readExpressionTokens()], reading);
  if (fault !== undefined) return fault;
  const rest = tokenizer.remaining().trim();
  return rest === '' || rest.startsWith('|') ? filterFault(text, reading) : unreadable(rest);
}

/** Values and operators have to take turns; brackets hold a condition of their own. */
function expressionFault(tokens: readonly Token[], reading: LiquidReading): string | undefined {
  const { TokenKind } = reading;
  let before: string | undefined;
  let valueNext = true;
  let comparison: string | undefined;
  for (const token of tokens) {
    const word = token.getText();
    if (token.kind !== TokenKind.Operator) {
      if (!valueNext) return `there is no operator between ${before} and ${word}`;
      const fault = valueFault(token, reading);
      if (fault !== undefined) return fault;
      valueNext = false;
    } else if (word === 'not') {
      if (!valueNext) return `"not" cannot stand behind ${before}`;
    } else {
      if (valueNext) return missingValue(before, word);
      if (!COMPARISONS.has(word)) comparison = undefined;
      else if (comparison !== undefined)
        return `${comparison} and ${word} compare three values at once: write two comparisons with "and" between`;
      else comparison = word;
      valueNext = true;
    }
    before = word;
  }
  return valueNext && tokens.length > 0 ? `a value is missing behind ${before}` : undefined;
}

function missingValue(before: string | undefined, operator: string): string {
  return before === undefined
    ? `a value is missing before ${operator}`
    : `a value is missing between ${before} and ${operator}`;
}

function valueFault(token: Token, reading: LiquidReading): string | undefined {
  const { TokenKind } = reading;
  const word = token.getText();
  if (token.kind === TokenKind.Quoted && (word.length < 2 || !word.endsWith(word.charAt(0))))
    return `the quote before ${word.slice(1, 40) || 'its end'} is never closed`;
  if (token.kind === TokenKind.FilteredValue) return conditionFault(word.slice(1, -1), reading);
  return undefined;
}

/** Filters come last, as in `name | downcase`. */
function filterFault(text: string, { Tokenizer }: LiquidReading): string | undefined {
  if (/\|\s*$/.test(text)) return 'a filter is missing behind |';
  const tokenizer = new Tokenizer(text, undefined, undefined, undefined, true);
  tokenizer.readFilteredValue();
  const rest = tokenizer.remaining().trim();
  return rest === '' ? undefined : unreadable(rest);
}

function unreadable(rest: string): string {
  const shown = rest.length > 40 ? `${rest.slice(0, 37)}...` : rest;
  return `"${shown}" cannot be read; the operators are ${OPERATORS}`;
}
