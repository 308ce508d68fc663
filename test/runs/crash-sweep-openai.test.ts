import { describeSweep } from './support/crash-sweep.js';

describeSweep('openai', 'gpt-4o-mini');
