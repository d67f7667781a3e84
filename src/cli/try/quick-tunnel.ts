/** What control knows of a quick tunnel, and what the command asks it for. */
import type { AnswerOf, BodyOf } from '../../api/client.ts';
import { ApiFailure, at, type ControlApi } from '../api/control-api.ts';
import { readPolicyFile } from '../api/policy-file.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from '../programs/enrolment.ts';
import type { TrySettings } from './settings.ts';
import type { Published } from './what.ts';

export type MadeQuickTunnel = AnswerOf<'post', '/quick-tunnels'>;
type QuickTunnel = Pick<MadeQuickTunnel, 'id' | 'siteId'>;

export type GuardKind = 'pin' | 'password' | 'signed-in' | 'public' | 'policy';

export function guardKindOf(settings: TrySettings): GuardKind {
  const said: GuardKind[] = [
    ...(settings.public ? ['public' as const] : []),
    ...(settings.signedIn ? ['signed-in' as const] : []),
    ...(settings.password ? ['password' as const] : []),
    ...(settings.policy === undefined ? [] : ['policy' as const]),
  ];
  if (said.length > 1)
    throw new UsageFailure('setting-invalid', 'one of --public, --signed-in, --password and --policy is enough');
  return said[0] ?? 'pin';
}

/** The body of the request for it. */
export async function wishOf(
  settings: TrySettings,
  published: readonly Published[],
  socketOf: (index: number) => string,
): Promise<BodyOf<'post', '/quick-tunnels'>> {
  const kind = guardKindOf(settings);
  const text = settings.secretFile === undefined ? undefined : await requireText('secret-file', settings.secretFile);
  const secret = text === undefined ? {} : { secret: text.trim() };
  const guard =
    kind === 'policy'
      ? { kind, policy: await readPolicyFile(settings.policy ?? '', 'resource') }
      : { kind, ...(kind === 'pin' || kind === 'password' ? secret : {}) };
  const lifetimeMs = settings.for === 'never' ? undefined : settings.for;
  if (lifetimeMs === undefined)
    throw new UsageFailure('setting-invalid', '--for: a quick tunnel ends; keep one for good with --keep');
  const { hostHeader = null } = settings;
  const applications = published.map((one, index) => {
    const host = one.host ?? (index === 0 ? settings.host : undefined);
    const keptUrl = one.kind === 'server' ? one.url.origin : undefined;
    return { url: `unix:${socketOf(index)}`, hostHeader, ...(host && { host }), ...(keptUrl && { keptUrl }) };
  });
  return { applications, guard, lifetimeMs };
}

export function isReady(api: ControlApi, id: string): Promise<boolean> {
  return api.get('/quick-tunnels/{id}', at({ id })).then(({ ready }) => ready);
}

export type Renewal = 'renewed' | 'kept' | 'ended' | 'unreachable';

/** Says that the program lives. Somebody else may have kept it, or ended it. */
export async function renew(api: ControlApi, { id, siteId }: QuickTunnel): Promise<Renewal> {
  try {
    await api.post('/quick-tunnels/{id}/renew', at({ id }));
    return 'renewed';
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) return 'unreachable';
  }
  try {
    await api.get('/sites/{id}', at({ id: siteId }));
    return 'kept';
  } catch (error) {
    return error instanceof ApiFailure && error.status === 404 ? 'ended' : 'unreachable';
  }
}
