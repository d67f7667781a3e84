import { parseStatusRange, type StatusRange, type TargetCheck } from '../../core/routing/index.ts';
import type { TargetsTable } from '../../io/store/index.ts';
import type { CheckSettings } from '../api/target-check.ts';

/** What connectors are told to check; settings that are left open are those of the target. */
export function checkOf(row: TargetsTable): TargetCheck | undefined {
  if (row.check_settings === null) return undefined;
  const settings = JSON.parse(row.check_settings) as CheckSettings;
  if (settings.kind === 'tcp') return settings;
  const { hostHeader, tls, expectedStatus, ...rest } = settings;
  const serverName = tls.serverName ?? row.tls_server_name ?? row.host_header;
  return {
    ...rest,
    host: hostHeader ?? row.host_header ?? authorityOf(row),
    expected: expectedStatus.map(parseStatusRange).filter((range): range is StatusRange => range !== undefined),
    ...(row.scheme === 'https' && {
      tls: { ...(serverName !== null && { serverName }), verify: tls.verify ?? row.tls_verify === 1 },
    }),
  };
}

function authorityOf({ host, port }: TargetsTable): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
