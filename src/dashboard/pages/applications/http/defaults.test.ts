import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_COMPRESSION_MINIMUM_BYTES } from '../../../../core/http-rules/constants.ts';
import {
  MAXIMUM_HEADER_BYTES,
  RETRY_AFTER_MAINTENANCE_SECONDS,
  UPSTREAM_HEADERS_TIMEOUT_MS,
} from '../../../../pop/constants.ts';
import { PROBLEM_TEXTS } from '../../../../pop/pages/problem-texts.ts';
import { DEFAULT_KEPT_ANSWER_BYTES } from '../../../../pop/rules/constants.ts';
import { UDP_USUAL_IDLE_MS } from '../../../../pop/streams/constants.ts';
import { HTTP_TEXTS } from '../../../texts/http.ts';
import { DEFAULTS, USUAL_UDP_IDLE_MS } from './defaults.ts';

test('what empty fields show is what points of presence do', () => {
  assert.deepEqual(DEFAULTS, {
    answerMs: UPSTREAM_HEADERS_TIMEOUT_MS,
    headerBytes: MAXIMUM_HEADER_BYTES,
    minimumBytes: DEFAULT_COMPRESSION_MINIMUM_BYTES,
    cacheAnswerBytes: DEFAULT_KEPT_ANSWER_BYTES,
    maintenanceRetryAfterMs: RETRY_AFTER_MAINTENANCE_SECONDS * 1_000,
  });
  assert.equal(HTTP_TEXTS.messageOtherwise, PROBLEM_TEXTS.maintenance.advice);
  assert.equal(USUAL_UDP_IDLE_MS, UDP_USUAL_IDLE_MS);
});
