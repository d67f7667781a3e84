import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, ChevronDown, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../../look/badge.tsx';
import { Button } from '../../../look/button.tsx';
import { classes } from '../../../look/classes.ts';
import { TEXTS } from '../../../texts/index.ts';
import { moved, replaced, without } from '../../policies/policy-model.ts';
import { type Target, targetsQuery } from '../application-shape.ts';
import type { HttpSettings, Route } from './http-settings.ts';
import { PartCard } from './part-card.tsx';
import { RouteEditor } from './route-editor.tsx';

const texts = TEXTS.http;

/** The ways through a host. */
export function RoutingTab({ id, settings }: { readonly id: string; readonly settings: HttpSettings }) {
  const targets = useQuery(targetsQuery(id)).data ?? [];
  const [openIndex, setOpenIndex] = useState<number>();
  return (
    <PartCard<readonly Route[]>
      id={id}
      settings={settings}
      part="routes"
      title={texts.routing}
      lead={texts.routingLead}
    >
      {({ value: routes = [], change, faultAt }) => (
        <>
          {routes.length === 0 && <p className="text-sm">{texts.noRoutes}</p>}
          <ol className="grid gap-3 empty:hidden">
            {routes.map((route, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names are typed here and may be the same for a while
              <li key={index} className="min-w-0 rounded-xl border bg-sheet">
                <RouteHead
                  route={route}
                  targets={targets}
                  isOpen={openIndex === index}
                  isFaulty={faultAt(`[${index}]*`) !== undefined}
                  canMove={[index > 0, index < routes.length - 1]}
                  onToggle={() => setOpenIndex(openIndex === index ? undefined : index)}
                  onMove={(by) => {
                    change(moved(routes, index, index + by));
                    setOpenIndex(undefined);
                  }}
                  onRemove={() => {
                    change(without(routes, index));
                    setOpenIndex(undefined);
                  }}
                />
                {openIndex === index && (
                  <RouteEditor
                    route={route}
                    targets={targets}
                    faultAt={(path) => faultAt(`[${index}]${path}`)}
                    onChange={(next) => change(replaced(routes, index, next))}
                  />
                )}
              </li>
            ))}
          </ol>
          <div>
            <Button
              icon={<Plus size={15} aria-hidden="true" />}
              onClick={() => {
                setOpenIndex(routes.length);
                change([...routes, { name: freeName(routes), when: { path: { prefix: '/' } }, forward: {} }]);
              }}
            >
              {texts.addRoute}
            </Button>
          </div>
        </>
      )}
    </PartCard>
  );
}

function freeName(routes: readonly Route[]): string {
  let number = routes.length + 1;
  while (routes.some(({ name }) => name === `route ${number}`)) number++;
  return `route ${number}`;
}

interface RouteHeadProps {
  readonly route: Route;
  readonly targets: readonly Target[];
  readonly isOpen: boolean;
  readonly isFaulty: boolean;
  readonly canMove: readonly [up: boolean, down: boolean];
  readonly onToggle: () => void;
  readonly onMove: (by: number) => void;
  readonly onRemove: () => void;
}

function RouteHead({ route, targets, isOpen, isFaulty, canMove, onToggle, onMove, onRemove }: RouteHeadProps) {
  const { name, enabled, priority } = route;
  const isOff = enabled === false;
  return (
    <div className="flex items-start gap-2 px-3 py-3">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className="flex min-w-0 flex-1 gap-2 rounded text-left"
      >
        <ChevronDown
          size={17}
          aria-hidden="true"
          className={classes('mt-1 shrink-0 text-quiet', isOpen && 'rotate-180')}
        />
        <span className="min-w-0">
          <span className={classes('block break-words', isOff && 'text-quiet line-through')}>
            {routeText(route, targets)}
          </span>
          <span className="mt-0.5 flex flex-wrap gap-2 text-sm text-quiet">
            {name}
            {priority !== undefined && priority !== 0 && <Badge>{texts.priorityIs(priority)}</Badge>}
            {isFaulty && <Badge standing="bad">{TEXTS.policies.findings(1)}</Badge>}
          </span>
        </span>
      </button>
      <Button kind="quiet" disabled={!canMove[0]} aria-label={TEXTS.policies.moveUp(name)} onClick={() => onMove(-1)}>
        <ArrowUp size={15} aria-hidden="true" />
      </Button>
      <Button kind="quiet" disabled={!canMove[1]} aria-label={TEXTS.policies.moveDown(name)} onClick={() => onMove(1)}>
        <ArrowDown size={15} aria-hidden="true" />
      </Button>
      <Button kind="quiet" aria-label={TEXTS.policies.removeRule(name)} onClick={onRemove}>
        <Trash2 size={15} aria-hidden="true" />
      </Button>
    </div>
  );
}

/** "GET /api and below goes to http://api:3000 without /api." */
function routeText(route: Route, targets: readonly Target[]): string {
  const { path, method, header } = route.when ?? {};
  const [kind = '', pattern] = Object.entries(path ?? {}).find(([key]) => key in texts.pathSays) ?? [];
  const asked = [
    method?.join(', '),
    path ? `${pattern}${(texts.pathSays as Readonly<Record<string, string>>)[kind] ?? ''}` : texts.everyPath,
    header && texts.withField(header.name),
  ];
  return `${asked.filter(Boolean).join(' ')} ${goesWhere(route, targets)}`;
}

function goesWhere({ forward, redirect, answer }: Route, targets: readonly Target[]): string {
  if (redirect) return texts.redirects(redirect.to, redirect.status ?? 302);
  if (answer) return texts.answers(answer.status);
  const urls = (forward?.targets ?? []).map(
    (id) => targets.find((target) => target.id === id)?.url ?? texts.goneTarget,
  );
  const { stripPrefix, replacePrefix, replaceRegex } = forward ?? {};
  const rewritten = stripPrefix
    ? texts.strips(stripPrefix)
    : replacePrefix
      ? texts.replaces(replacePrefix.prefix, replacePrefix.with)
      : replaceRegex
        ? texts.rewrites(replaceRegex.with)
        : '';
  return `${texts.goesTo(urls.length > 0 ? urls.join(', ') : texts.allTargets)}${rewritten}`;
}
