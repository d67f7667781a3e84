import { filePath, httpUrl, worded } from './setting.ts';
import { numberBetween } from './value.ts';

/** Where a PoP tells of requests that it traces. */
export const tracingSettings = {
  tracesUrl: worded(httpUrl.optional(), {
    kind: 'value',
    hint: 'URL',
    expected: 'an http or https URL such as http://127.0.0.1:4318',
    description: 'Collector that takes traces by OTLP over HTTP (default: nothing is traced)',
  }),
  tracesHeadersFile: worded(filePath.optional(), {
    kind: 'value',
    hint: 'FILE',
    expected: 'a file of lines such as "Authorization: Bearer TOKEN"',
    description: 'Header fields that the collector wants',
  }),
  traceShare: worded(numberBetween(0, 1, /^(?:0|1|0?\.\d{1,9}|1\.0+)$/).default(0.05), {
    kind: 'value',
    hint: 'SHARE',
    expected: 'a number from 0 to 1',
    description: 'Share of the requests that are traced (default 0.05), beside those of which the client asks it',
  }),
};
