// `npm run docs`: writes the pages that are made from the code.
import { run } from './bootstrap.mjs';

run('scripts/docs.ts', []);
