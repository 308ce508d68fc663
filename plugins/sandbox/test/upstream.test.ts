import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { UpstreamOptions } from '../src/index.js';
import {
  askInBatch,
  messageRequest,
  messageRequests,
  runBatch as runAnthropic,
} from './support/anthropic.js';
import { closeChatServers, completion, echo, openChatServer } from './support/chat-server.js';
import { look } from './support/faults.js';
import { chatLine, chatLines, createBatch, ended, openAiClient, runBatch } from './support/openai.js';
import { closeSandboxes, openSandbox, PERSON, until } from './support/sandbox.js';

const open = (upstream: UpstreamOptions) => openSandbox({ upstream: { retryDelayMs: 1, ...upstream } });

describe('a sandbox with an upstream', () => {
  afterEach(async () => {
    await closeSandboxes();
    closeChatServers();
  });

  it('has each row answered by it, with its own model and key, a few at a time', async () => {
    const chat = await openChatServer(async (call) => {
      await sleep(2);
      return echo(call);
    });
    const sandbox = await open({ url: `${chat.url}/`, key: 'real', model: 'llama', concurrency: 3 });
    const { batch, output } = await runBatch(openAiClient(sandbox), chatLines(30));
    expect(batch.request_counts).to.deep.equal({ total: 30, completed: 30, failed: 0 });
    expect(batch.usage?.total_tokens).to.equal(300);
    for (const line of output) {
      const { content } = line.response.body.choices[0].message;
      expect(content).to.equal(`echo: Question of ${line.custom_id}`);
    }
    expect(chat.load.most).to.equal(3);
    expect(chat.calls).to.have.length(30);
    expect(chat.calls[0]!.path).to.equal('/v1/chat/completions');
    expect(chat.calls[0]!.headers.authorization).to.equal('Bearer real');
    expect(chat.calls[0]!.body.model).to.equal('llama');
  });

  it('asks again after failures that pass', async () => {
    const replies = [
      { status: 429, headers: { 'retry-after': '0' }, body: {} },
      { status: 503, body: 'busy' },
    ];
    const chat = await openChatServer((call) => replies.shift() ?? echo(call));
    const { output } = await runBatch(openAiClient(await open({ url: chat.url })), chatLines(1));
    expect(output).to.have.length(1);
    expect(chat.calls).to.have.length(3);
  });

  it('makes error lines of rows that fail', async () => {
    const chat = await openChatServer(({ body }) => {
      const about = String(body.messages.at(-1).content);
      if (about.endsWith('row-0'))
        return { status: 400, body: { error: { message: 'too long', code: 'x' } } };
      if (about.endsWith('row-1')) return { body: 'no JSON' };
      return { status: 500, body: '<html>' };
    });
    const sandbox = await open({ url: chat.url, retries: 1 });
    const { batch, errors } = await runBatch(openAiClient(sandbox), chatLines(3));
    expect(batch).to.include({ status: 'completed', output_file_id: null });
    const byId = new Map(errors.map((line) => [line.custom_id, line.response]));
    expect(byId.get('row-0')).to.deep.include({ status_code: 400 });
    expect(byId.get('row-0').body.error.message).to.equal('too long');
    expect(byId.get('row-1').status_code).to.equal(502);
    expect(byId.get('row-1').body.error.message).to.contain('something else than a JSON object');
    expect(byId.get('row-2').status_code).to.equal(500);
    const { results } = await runAnthropic(sandbox, messageRequests(1));
    expect(results.get('row-0').error.error).to.deep.equal({
      type: 'invalid_request_error',
      message: 'too long',
    });
  });

  it('says when it cannot be reached', async () => {
    const sandbox = await open({ url: 'http://127.0.0.1:9/v1', retries: 0 });
    const { errors } = await runBatch(openAiClient(sandbox), chatLines(1));
    expect(errors[0].response.status_code).to.equal(503);
    expect(errors[0].response.body.error.message).to.match(/^The upstream cannot be reached: /);
  });

  it('stops when the batch is cancelled', async () => {
    const chat = await openChatServer(async (call) => {
      if (!String(call.body.messages.at(-1).content).endsWith('row-x')) await sleep(900);
      return echo(call);
    });
    const sandbox = await open({ url: chat.url, concurrency: 2 });
    const client = openAiClient(sandbox);
    const { id } = await createBatch(client, chatLines(50));
    await until(
      async () => chat.calls.length,
      (count) => count === 2,
    );
    await client.batches.cancel(id);
    const batch = await ended(client, id);
    expect(batch.status).to.equal('cancelled');
    expect(batch.request_counts?.completed).to.equal(0);
    expect(chat.calls).to.have.length(2);
  });

  it('puts messages into the words of a chat, and back', async () => {
    const chat = await openChatServer((call) => {
      if (call.body.tools) {
        const called = { name: 'save', arguments: '{"name":"Ada","age":36}' };
        return completion(
          { content: null, tool_calls: [{ id: 'c', type: 'function', function: called }] },
          'stop',
        );
      }
      return call.body.response_format ? completion({ content: '{"name":"Bo","age":1}' }) : echo(call);
    });
    const sandbox = await open({ url: chat.url });
    const text = await askInBatch(sandbox, {
      system: [{ type: 'text', text: 'Be brief.' }],
      temperature: 0.5,
      stop_sequences: ['END'],
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'save', input: { x: 1 } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: 'bad' },
            { type: 'text', text: 'again' },
          ],
        },
      ],
    });
    expect(text.message.content).to.deep.equal([{ type: 'text', text: 'echo: again' }]);
    expect(text.message).to.include({ stop_reason: 'end_turn', model: 'llama' });
    expect(text.message.usage).to.include({ input_tokens: 7, output_tokens: 3 });
    expect(chat.calls[0]!.body).to.deep.equal({
      model: 'claude-haiku-4-5',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'a' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 't', type: 'function', function: { name: 'save', arguments: '{"x":1}' } }],
        },
        { role: 'tool', tool_call_id: 't', content: 'bad' },
        { role: 'user', content: 'again' },
      ],
      max_tokens: 100,
      temperature: 0.5,
      stop: ['END'],
    });

    const tool = await askInBatch(sandbox, {
      tools: [{ name: 'save', description: 'Saves', input_schema: PERSON }],
      tool_choice: { type: 'tool', name: 'save' },
    });
    expect(tool.message.stop_reason).to.equal('tool_use');
    expect(tool.message.content[0]).to.deep.include({
      type: 'tool_use',
      name: 'save',
      input: { name: 'Ada', age: 36 },
    });
    expect(chat.calls[1]!.body.tool_choice).to.deep.equal({ type: 'function', function: { name: 'save' } });
    expect(chat.calls[1]!.body.tools[0].function.parameters).to.deep.equal(PERSON);

    const format = { type: 'json_schema', schema: PERSON };
    const json = await askInBatch(sandbox, { output_config: { format } });
    expect(json.message.content).to.deep.equal([{ type: 'text', text: '{"name":"Bo","age":1}' }]);
    expect(chat.calls[2]!.body.response_format.json_schema.schema).to.deep.equal(PERSON);
  });

  it('refuses what cannot be put into those words, without asking', async () => {
    const chat = await openChatServer(echo);
    const image = { type: 'image', source: { type: 'url', url: 'http://x' } };
    const content = [{ type: 'text', text: 'What is this?' }, image];
    const result = await askInBatch(await open({ url: chat.url }), {
      messages: [{ role: 'user', content }],
    });
    expect(result.error.error).to.deep.equal({
      type: 'invalid_request_error',
      message: 'messages.0.content.1: The upstream is asked in text only, not with image.',
    });
    expect(chat.calls).to.deep.equal([]);
  });

  it('answers single questions by it too', async () => {
    const chat = await openChatServer(echo);
    const sandbox = await open({ url: chat.url });
    const ask = async (path: string, body: unknown) =>
      (
        await look(sandbox, path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
      ).text;
    const { body } = JSON.parse(chatLine('one')) as { body: unknown };
    expect(await ask('/v1/chat/completions', body)).to.contain('echo: Question of one');
    expect(await ask('/v1/messages', messageRequest('two').params)).to.contain('echo: Question of two');
  });

  it('leaves out what faults take: those rows cost nothing', async () => {
    const chat = await openChatServer(echo);
    const sandbox = await openSandbox({
      upstream: { url: chat.url },
      faults: [{ fault: 'rows-missing', count: 4 }],
    });
    expect((await runBatch(openAiClient(sandbox), chatLines(10))).output).to.have.length(6);
    expect(chat.calls).to.have.length(6);
  });
});
