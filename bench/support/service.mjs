// A service that costs as little as can be, in a process of its own: it serves files and swallows uploads, and notes how
// long each transfer took. node service.mjs (prints its port); RESULTS, REQUESTS, ROWS and BIG_BYTES in the environment.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';

const { RESULTS, REQUESTS, ROWS = '0', BIG_BYTES = '0' } = process.env;
const BLOCK = Buffer.alloc(1 << 20, `${'x'.repeat(1023)}\n`);
let lastTransfer = { milliseconds: 0, bytes: 0 };

const batch = (id) => ({
  id,
  object: 'batch',
  endpoint: '/v1/chat/completions',
  input_file_id: 'file-in',
  output_file_id: id === 'batch_big' ? 'file-big' : 'file-out',
  error_file_id: null,
  completion_window: '24h',
  status: 'completed',
  created_at: 1_700_000_000,
  in_progress_at: 1_700_000_001,
  completed_at: 1_700_000_100,
  request_counts: { total: Number(ROWS), completed: Number(ROWS), failed: 0 },
});

const server = createServer(async (request, response) => {
  const start = process.hrtime.bigint();
  const finish = (bytes) => {
    lastTransfer = { milliseconds: Number(process.hrtime.bigint() - start) / 1e6, bytes };
  };
  const { method, url } = request;
  const json = (body) => {
    const text = JSON.stringify(body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  };
  if (method === 'GET' && url === '/transfer') return json(lastTransfer);
  if (method === 'POST' && url === '/v1/files') {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    finish(bytes);
    return json({ id: 'file-in', object: 'file', bytes, purpose: 'batch' });
  }
  if (method === 'POST' && url === '/v1/batches')
    return json({ ...batch('batch_new'), status: 'validating' });
  const file = { 'file-in': REQUESTS, 'file-out': RESULTS }[url.split('/')[3]];
  if (url.startsWith('/v1/files/file-big/')) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': BIG_BYTES });
    for (let left = Number(BIG_BYTES); left > 0; left -= BLOCK.length) {
      if (!response.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK)) {
        await new Promise((resolve) => response.once('drain', resolve));
      }
    }
    return response.end(() => finish(Number(BIG_BYTES)));
  }
  if (url.startsWith('/v1/files/') && file !== undefined) {
    response.writeHead(200, { 'content-type': 'application/jsonl', 'content-length': statSync(file).size });
    return createReadStream(file, { highWaterMark: 1 << 18 }).pipe(response);
  }
  if (method === 'GET' && url.startsWith('/v1/batches/')) return json(batch(url.split('/')[3]));
  response.writeHead(404).end();
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
