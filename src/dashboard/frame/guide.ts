/**
 * How far the first steps are. What was reached is read from the network itself; this browser keeps no more than what was
 * skipped, whether the guide is hidden, and that the application was opened.
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
import { answerOf } from '../../api/client.ts';
import { api, meQuery, statusQuery } from './client.ts';

export const STEPS = ['protect', 'name', 'site', 'publish', 'open'] as const;
export type Step = (typeof STEPS)[number];

/** The name that every installation begins with. */
const FIRST_NAME = 'Manis';
const KEY = 'manis-guide';

interface Kept {
  readonly skipped: readonly Step[];
  readonly isHidden: boolean;
  /** Somebody is following it in this browser: only then is opening the application a step. */
  readonly isFollowed: boolean;
  readonly isOver: boolean;
}

const NOTHING: Kept = { skipped: [], isHidden: false, isFollowed: false, isOver: false };
const listeners = new Set<() => void>();

function readKept(): string {
  return localStorage.getItem(KEY) ?? '';
}

function keptOf(text: string): Kept {
  try {
    return { ...NOTHING, ...(JSON.parse(text) as Partial<Kept>) };
  } catch {
    return NOTHING;
  }
}

export function keepOfGuide(change: Partial<Kept>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...keptOf(readKept()), ...change }));
  for (const listener of listeners) listener();
}

export function skipStep(step: Step): void {
  keepOfGuide({ skipped: [...new Set([...keptOf(readKept()).skipped, step])] });
}

function useKept(): Kept {
  const text = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readKept);
  return useMemo(() => keptOf(text), [text]);
}

export const guideQueries = {
  organisation: { queryKey: ['organisation'], queryFn: () => answerOf(api.GET('/organisation')) },
  applications: {
    queryKey: ['applications', 'first'],
    queryFn: () => answerOf(api.GET('/resources', { params: { query: { limit: 5 } } })),
  },
} as const;

export interface Guide {
  readonly isShown: boolean;
  readonly isOver: boolean;
  readonly doneSteps: ReadonlySet<Step>;
  readonly current: Step | undefined;
}

const RIGHTS = ['organisation.write', 'site.write', 'resource.write'];

/** Undefined while it is not known yet, and for people whom the first steps are not for. */
export function useGuide(): Guide | undefined {
  const kept = useKept();
  const me = useQuery(meQuery);
  const rights = me.data?.permissions as readonly string[] | undefined;
  const enabled = !kept.isOver && RIGHTS.every((right) => rights?.includes(right) === true);
  const organisation = useQuery({ ...guideQueries.organisation, enabled });
  const status = useQuery({ ...statusQuery, enabled });
  const applications = useQuery({ ...guideQueries.applications, enabled });
  const factors = useQuery({
    queryKey: ['factors', me.data?.id],
    queryFn: () => answerOf(api.GET('/users/{id}/factors', { params: { path: { id: me.data?.id ?? '' } } })),
    enabled: enabled && me.data !== undefined,
  });
  if (kept.isOver) return { isShown: false, isOver: true, doneSteps: new Set(STEPS), current: undefined };
  if (!enabled || !organisation.data || !status.data || !applications.data || factors.isPending) return undefined;
  const isConnected = status.data.connectors.some(({ tunnels }) => tunnels.some(({ state }) => state === 'up'));
  const reached: Readonly<Record<Step, boolean>> = {
    protect: (factors.data?.authenticators.length ?? 0) + (factors.data?.passkeys.length ?? 0) > 0,
    name: organisation.data.name !== FIRST_NAME,
    site: isConnected,
    publish: ownApplications(applications.data.items).length > 0,
    open: false,
  };
  const doneSteps = new Set(STEPS.filter((step) => reached[step] || kept.skipped.includes(step)));
  // Whoever comes to a network that others have set up is not shown around.
  const isRunning = reached.name && reached.site && reached.publish && !kept.isFollowed;
  const current = isRunning ? undefined : STEPS.find((step) => !doneSteps.has(step));
  return { isShown: !kept.isHidden && current !== undefined, isOver: isRunning, doneSteps, current };
}

/** The demo was published by the first start, not by the person. */
export function ownApplications<Item extends { readonly host: string }>(items: readonly Item[]): readonly Item[] {
  return items.filter(({ host }) => host !== `demo.${location.hostname}`);
}
