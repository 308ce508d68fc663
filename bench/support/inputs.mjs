import { createWriteStream } from 'node:fs';

const WORDS =
  'the invoice of last week was charged twice and nobody in support could tell me why please refund one of them soon ' +
  'my account shows both payments since Monday while the order was sent only once kind regards from a patient customer';

/** Writes a file line by line. */
async function writeLines(path, count, lineOf) {
  const out = createWriteStream(path);
  for (let index = 0; index < count; index += 1) {
    if (!out.write(`${lineOf(index)}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => out.end(resolve));
}

/** Text of about that size, another one for each row. */
function textOf(index, bytes) {
  const text = `Ticket ${index}: ${WORDS} `;
  return text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);
}

/** Conversations for `batch create`. */
export function writeMessages(path, rows, bytes) {
  return writeLines(path, rows, (index) =>
    JSON.stringify({
      messages: [
        { role: 'system', content: 'Say what this is about.' },
        { role: 'user', content: textOf(index, bytes - 110) },
      ],
    }),
  );
}

/** A table with an id, a text and a kind, as CSV or JSON Lines. */
export function writeTable(path, rows, bytes, format) {
  const row = (index) => {
    const [id, text, kind] = [`request-${index}`, textOf(index, bytes), index % 2 === 0 ? 'mail' : 'call'];
    return format === 'csv' ? `${id},"${text}",${kind}` : JSON.stringify({ id, text, kind });
  };
  const head = format === 'csv' ? ['id,text,kind'] : [];
  return writeLines(path, rows + head.length, (line) => head[line] ?? row(line - head.length));
}

/** Answers as OpenAI writes them, to the requests `request-0` and so on; `orderOf` says which comes when. */
export function writeResults(path, rows, orderOf, answerBytes = 500) {
  return writeLines(path, rows, (place) => {
    const index = orderOf(place);
    const answer = {
      label: index % 3 === 0 ? 'billing' : 'other',
      urgency: index % 5,
      reason: textOf(index, answerBytes),
    };
    return JSON.stringify({
      id: `batch_req_${index}`,
      custom_id: `request-${index}`,
      response: {
        status_code: 200,
        request_id: `req_${index}`,
        body: {
          id: `chatcmpl-${index}`,
          object: 'chat.completion',
          created: 1_700_000_000,
          model: 'gpt-4o-mini',
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: JSON.stringify(answer), refusal: null },
              finish_reason: 'stop',
            },
          ],
          usage: {
            prompt_tokens: 210,
            completion_tokens: 120,
            total_tokens: 330,
            prompt_tokens_details: { cached_tokens: 0 },
          },
        },
      },
      error: null,
    });
  });
}

/** Near the order of the requests, as services answer: each answer up to `window` places away. */
export function shuffledWithin(rows, window) {
  return (place) => {
    const start = place - (place % window);
    const length = Math.min(window, rows - start);
    // A step without a common divisor visits every place of the window once.
    let step = 7919;
    while (greatestCommonDivisor(step, length) !== 1) step += 1;
    return start + (((place - start) * step) % length);
  };
}

function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
