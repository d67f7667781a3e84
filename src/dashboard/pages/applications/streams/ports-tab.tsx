import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { answerOf } from '../../../../api/client.ts';
import { api } from '../../../frame/client.ts';
import { useDraft } from '../../../frame/draft.ts';
import { faultIn, findingsOf } from '../../../frame/findings.ts';
import { Badge } from '../../../look/badge.tsx';
import { SelectField } from '../../../look/field.tsx';
import { SaveRow } from '../../../look/form-actions.tsx';
import { Card } from '../../../look/page.tsx';
import { Loading, ProblemNote } from '../../../look/problem.tsx';
import { TokensField } from '../../../look/tokens.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { type Application, usePatchForm } from '../application-shape.ts';
import { type Listen, ListenFields } from './listen-fields.tsx';

const texts = TEXTS.applications;
const REFRESH_MS = 5_000;

/** The ports of an application that is no HTTP: which, and whether every point of presence has them open. */
export function PortsTab({ application }: { readonly application: Application }) {
  return (
    <div className="grid gap-6">
      <Listeners application={application} />
      <PortsForm application={application} />
    </div>
  );
}

function Listeners({ application: { id } }: { readonly application: Application }) {
  const listeners = useQuery({
    queryKey: ['applications', id, 'listeners'],
    queryFn: () => answerOf(api.GET('/resources/{id}/listeners', { params: { path: { id } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Card title={texts.listeners} lead={texts.listenersLead}>
      {listeners.isPending && <Loading />}
      {listeners.isError && <ProblemNote error={listeners.error} retry={() => void listeners.refetch()} />}
      <ul className="grid gap-2">
        {listeners.data?.items.map(({ popId, popName, connected, ports }) => (
          <li
            key={popId}
            className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-center gap-2 text-sm sm:grid-cols-[8rem_minmax(0,1fr)]"
          >
            <span className="truncate font-medium">{popName}</span>
            <span className="flex min-w-0 flex-wrap gap-2">
              {!connected && <Badge standing="bad">{TEXTS.network.unlinked}</Badge>}
              {connected && ports.length === 0 && <Badge>{texts.noPorts}</Badge>}
              {ports.map(({ first, last, state }) => (
                <Badge key={`${first} ${state}`} standing={state === 'open' ? 'good' : 'bad'}>
                  {first === last ? first : `${first}–${last}`}: {portText(state)}
                </Badge>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function portText(state: string): string {
  return (texts.portStates as Readonly<Record<string, string>>)[state] ?? state;
}

interface Ports {
  readonly listen: Listen;
  readonly from: readonly string[];
  readonly to: 1 | 2 | null;
}

function portsOf({ listen, proxyProtocol }: Application): Ports {
  return {
    listen: listen ?? { first: null, last: null, idleMs: null },
    from: proxyProtocol?.from ?? [],
    to: proxyProtocol?.to ?? null,
  };
}

function PortsForm({ application }: { readonly application: Application }) {
  const { kind } = application;
  const draft = useDraft(application, portsOf);
  const { listen, from, to } = draft.fields;
  const body = () => ({ listen, proxyProtocol: from.length > 0 || to !== null ? { from, to } : null });
  const patch = usePatchForm(draft, body, { labels: { listen: texts.ports, proxyProtocol: 'PROXY' } });
  const findings = findingsOf(patch.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    patch.mutate();
  };
  return (
    <Card title={texts.ports} lead={texts.portsLead}>
      <form onSubmit={submit} className="grid max-w-2xl gap-5">
        <ListenFields
          kind={kind}
          value={listen}
          faultAt={(path) => faultIn(findings, `listen${path}`)}
          onChange={(next) => draft.change({ listen: next })}
        />
        {kind !== 'udp' && (
          <>
            <TokensField
              label={texts.proxyFrom}
              hint={texts.proxyFromHint}
              values={from}
              fault={faultIn(findings, 'proxyProtocol.from')}
              onChange={(next) => draft.change({ from: next })}
            />
            <SelectField
              label={texts.proxyTo}
              value={String(to ?? '')}
              onChange={({ target }) =>
                draft.change({ to: target.value === '' ? null : (Number(target.value) as 1 | 2) })
              }
            >
              <option value="">{texts.proxyNone}</option>
              <option value="1">PROXY 1</option>
              <option value="2">PROXY 2</option>
            </SelectField>
          </>
        )}
        {patch.isError && <ProblemNote error={patch.error} />}
        <SaveRow isBusy={patch.isPending} />
      </form>
    </Card>
  );
}
