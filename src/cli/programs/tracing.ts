/** Where a PoP's traces go, from its settings. What exports them is loaded where there is somewhere to. */
import type { Log } from '../../io/log.ts';
import type { SpanExporter } from '../../io/tracing/span-exporter.ts';
import type { PopTracing } from '../../pop/request-observers.ts';
import type { PopSettings } from '../config/programs.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from './enrolment.ts';
import { SOFTWARE } from './run-program.ts';

export type ProgramTracing = PopTracing & { readonly spans: SpanExporter };

const TRACES_PATH = '/v1/traces';

export async function tracingOf(
  { tracesUrl, tracesHeadersFile, traceShare, caFile }: PopSettings,
  popId: string,
  log: Log,
): Promise<ProgramTracing | undefined> {
  if (tracesUrl === undefined) return undefined;
  const url = new URL(tracesUrl);
  if (url.pathname === '/') url.pathname = TRACES_PATH;
  const ca = caFile && (await requireText('ca-file', caFile));
  const headers = tracesHeadersFile ? headersOf(await requireText('traces-headers-file', tracesHeadersFile)) : {};
  const resource = {
    'service.name': 'manis-pop',
    'service.version': SOFTWARE.replace(/^.*\//, ''),
    'service.instance.id': popId,
  };
  const { SpanExporter } = await import('../../io/tracing/span-exporter.ts');
  return {
    share: traceShare,
    spans: new SpanExporter({ url, headers, resource, outbound: { ...(ca && { ca }) }, log }),
  };
}

function headersOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line): [string, string] => {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new UsageFailure('setting-invalid', 'the file of --traces-headers-file has a line that is not "Name: value"');
  });
  return Object.fromEntries(pairs);
}
