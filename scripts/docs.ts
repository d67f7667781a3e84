import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeApi } from '../src/control/api/openapi.ts';
import { readFacts } from '../src/testing/architecture/facts.ts';
import { limitsPage } from '../src/testing/architecture/limits.ts';
import { metricsPage } from '../src/testing/architecture/metrics-page.ts';
import { type ApiDocument, apiTypes } from './api-types.ts';

const root = join(import.meta.dirname, '..');
writeFileSync(join(root, 'docs', 'limits.md'), limitsPage(readFacts(root)));
writeFileSync(join(root, 'docs', 'metrics.md'), metricsPage());
writeFileSync(
  join(root, 'src', 'api', 'paths.generated.ts'),
  apiTypes((await describeApi()) as ApiDocument, '/api/v1'),
);
