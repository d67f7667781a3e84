import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, sitesQuery, statusQuery } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { TextField } from '../../look/field.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { JoinSteps } from '../sites/join.tsx';
import { Skip } from './skip.tsx';

const texts = TEXTS.start;

export function SiteStep() {
  const sites = useQuery(sitesQuery);
  const status = useQuery({ ...statusQuery, refetchInterval: 1_500 });
  const site = sites.data?.[0];
  const connectors = (status.data?.connectors ?? []).filter(({ siteId }) => siteId === site?.id);
  return (
    <div className="mt-1 grid grid-cols-1 gap-4">
      <p className="text-quiet">{texts.siteLead}</p>
      {sites.isSuccess && !site && <NewSite />}
      {site && <JoinSteps siteId={site.id} isFirst connectorIds={connectors.map(({ id }) => id)} />}
      <div>
        <Skip step="site" label={texts.siteSkip} />
      </div>
    </div>
  );
}

function NewSite() {
  const [name, setName] = useState('home');
  const add = useChange({
    run: () => answerOf(api.POST('/sites', { body: { name } })),
    shows: ['sites'],
    isForm: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={TEXTS.network.siteName}
        hint={TEXTS.network.siteNameHint}
        required
        autoFocus
        value={name}
        fault={faultOf(add.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      {add.isError && !faultOf(add.error, 'name') && <ProblemNote error={add.error} />}
      <div>
        <Button kind="first" type="submit" isBusy={add.isPending}>
          {TEXTS.network.addSite}
        </Button>
      </div>
    </form>
  );
}
