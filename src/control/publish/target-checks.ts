import { parseStatusRange, type StatusRange, type TargetCheck } from '../../core/routing/index.ts';
import type { TargetsTable } from '../../io/store/index.ts';
import type { CheckSettings } from '../api/target-check.ts';
import { backendOf, serverNameOf } from '../target-backend.ts';

/** What connectors are told to check; settings that are left open are those of the target. */
export function checkOf(row: TargetsTable): TargetCheck | undefined {
  if (row.check_settings === null) return undefined;
  const settings = JSON.parse(row.check_settings) as CheckSettings;
  if (settings.kind === 'tcp') return settings;
  const { hostHeader, tls, expectedStatus, ...rest } = settings;
  const serverName = tls.serverName ?? serverNameOf(row);
  const { protocol, caPem, clientCertificate } = backendOf(row);
  const verify = tls.verify ?? row.tls_verify === 1;
  return {
    ...rest,
    host: hostHeader ?? row.host_header ?? authorityOf(row),
    expected: expectedStatus.map(parseStatusRange).filter((range): range is StatusRange => range !== undefined),
    ...(row.scheme === 'https' && {
      tls: {
        ...(serverName !== undefined && { serverName }),
        verify,
        ...(verify && caPem !== undefined && { caPem }),
        ...(clientCertificate && { onlyHandshake: true }),
      },
    }),
    ...(protocol && { protocol }),
  };
}

function authorityOf({ host, port, backend }: TargetsTable): string {
  // A socket has no name of its own.
  if (backendOf({ backend }).transport === 'unix') return 'localhost';
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
