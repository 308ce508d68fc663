// The least that gives the same bytes in the same runtime: read, split, parse, stringify, write. No checks, no ids.
// node floor.mjs create|parse|results FILE|URL [OUTPUT]
import { createReadStream, createWriteStream } from 'node:fs';

const [work, input, output] = process.argv.slice(2);
const SETTINGS = { model: 'gpt-4o-mini', max_tokens: 1000, temperature: 0.1 };
let index = 0;

const WORK = {
  create: (row) => ({
    custom_id: `request-${index++}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { ...SETTINGS, messages: row.messages },
  }),
  parse: () => undefined,
  results: (row) => {
    const { body } = row.response;
    const [choice] = body.choices;
    const { usage } = body;
    return {
      custom_id: row.custom_id,
      outcome: 'succeeded',
      success: true,
      result: JSON.parse(choice.message.content),
      usage: {
        input_tokens: usage.prompt_tokens,
        cached_input_tokens: usage.prompt_tokens_details.cached_tokens,
        output_tokens: usage.completion_tokens,
        reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens,
      },
      model: body.model,
      finish_reason: choice.finish_reason,
    };
  },
};

/** A file, or what the service serves: what the program has to download, the floor has to download too. */
async function open(place) {
  if (!place.startsWith('http'))
    return createReadStream(place, { encoding: 'utf8', highWaterMark: 64 * 1024 });
  return (await fetch(place)).body.pipeThrough(new TextDecoderStream());
}

const make = WORK[work];
const out = output === undefined ? undefined : createWriteStream(output);
let rest = '';
for await (const chunk of await open(input)) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  let text = '';
  for (const line of lines) {
    const made = make(JSON.parse(line));
    if (made !== undefined) text += `${JSON.stringify(made)}\n`;
  }
  if (text !== '' && !out.write(text)) await new Promise((resolve) => out.once('drain', resolve));
}
await new Promise((resolve) => (out ? out.end(resolve) : resolve()));
