// The check of `batch create-from-file`, without what comes after it. node check.mjs FILE
import { BatchProcessor } from 'instructor-cli';

const processor = new BatchProcessor('openai/gpt-4o-mini');
const { requests, checker } = await processor.checkRequestFile(process.argv[2]);
console.log(JSON.stringify({ requests, problems: checker.problems.total }));
