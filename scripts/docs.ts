import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeApi } from '../src/control/api/openapi.ts';
import { readFacts } from '../src/testing/architecture/facts.ts';
import { limitsPage } from '../src/testing/architecture/limits.ts';
import { metricsPage } from '../src/testing/architecture/metrics-page.ts';
import { type ApiDocument, apiTypes } from './api-types.ts';
import { apiPage, commandsPage, type IndexedApi, settingsPage } from './reference-pages.ts';

const root = join(import.meta.dirname, '..');
writeFileSync(join(root, 'docs', 'limits.md'), limitsPage(readFacts(root)));
writeFileSync(join(root, 'docs', 'metrics.md'), metricsPage());
const api = await describeApi();
writeFileSync(join(root, 'src', 'api', 'paths.generated.ts'), apiTypes(api as ApiDocument, '/api/v1'));
const reference = join(root, 'docs', 'reference');
mkdirSync(reference, { recursive: true });
writeFileSync(join(reference, 'settings.md'), settingsPage());
writeFileSync(join(reference, 'commands.md'), commandsPage());
writeFileSync(join(reference, 'api.md'), apiPage(api as IndexedApi));
