import { removeSharedHome } from './run-instructor.js';

process.env['NODE_ENV'] = 'test';

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await removeSharedHome();
  },
};
