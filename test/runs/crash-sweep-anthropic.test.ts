import { describeSweep } from './support/crash-sweep.js';

describeSweep('anthropic', 'claude-haiku-4-5');
