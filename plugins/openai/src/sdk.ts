/** The part of the SDK that is used. Only `client.ts` imports this file, with the first call. */
export { OpenAI } from 'openai';
