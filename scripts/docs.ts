import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFacts } from '../src/testing/architecture/facts.ts';
import { limitsPage } from '../src/testing/architecture/limits.ts';

const root = join(import.meta.dirname, '..');
writeFileSync(join(root, 'docs', 'limits.md'), limitsPage(readFacts(root)));
