import type { FastifyInstance } from 'fastify';

/** JSON of any content type; nothing at all is fine too: clients send no body with a cancel or a delete. */
export function acceptJson(app: FastifyInstance, onBroken: (problem: Error) => Error): void {
  app.removeAllContentTypeParsers();
  for (const type of ['application/json', '*']) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => {
      if (body === '') return done(null, undefined);
      try {
        done(null, JSON.parse(body as string));
      } catch (error) {
        done(onBroken(error as Error));
      }
    });
  }
}
