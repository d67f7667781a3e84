import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ApiDocument, apiTypes } from '../../scripts/api-types.ts';
import { describeApi } from '../control/api/openapi.ts';

test('the typed client says what the API says', async () => {
  const written = readFileSync(new URL('paths.generated.ts', import.meta.url), 'utf8');
  const current = apiTypes((await describeApi()) as ApiDocument, '/api/v1');
  assert.ok(written === current, 'src/api/paths.generated.ts is not what the API is: run `npm run docs`');
});
