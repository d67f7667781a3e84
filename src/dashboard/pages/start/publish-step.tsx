import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, sitesQuery } from '../../frame/client.ts';
import { guideQueries } from '../../frame/guide.ts';
import { SiteField, useSite } from '../../frame/site-field.tsx';
import { Button } from '../../look/button.tsx';
import { TextField } from '../../look/field.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Skip } from './skip.tsx';

const texts = TEXTS.start;

export function PublishStep() {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [chosen, setChosen] = useState('');
  const siteId = useSite(chosen);
  const sites = useQuery(sitesQuery);
  const host = `${labelOf(name) || 'name'}.${location.hostname}`;
  const publish = useChange({
    run: () =>
      answerOf(
        api.POST('/resources', {
          body: { name, host, policy: SIGNED_IN, targets: [{ siteId, url: withScheme(url) }] },
        }),
      ),
    shows: ['applications'],
    isForm: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  const isTold = faultOf(publish.error, 'name') ?? faultOf(publish.error, 'url');
  return (
    <form onSubmit={submit} className="mt-1 grid gap-4">
      <p className="text-quiet">{texts.publishLead}</p>
      <TextField
        label={texts.publishName}
        hint={texts.publishAt(`https://${host}${location.port && `:${location.port}`}`)}
        required
        autoFocus
        value={name}
        fault={faultOf(publish.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      <div>
        <TextField
          label={texts.publishAddress}
          hint={texts.publishAddressHint}
          required
          isCode
          placeholder="http://localhost:3000"
          value={url}
          fault={faultOf(publish.error, 'url')}
          onChange={({ target }) => setUrl(target.value)}
        />
        <UseDemo onUse={setUrl} />
      </div>
      {(sites.data?.length ?? 0) > 1 && <SiteField value={siteId} onChange={setChosen} />}
      {publish.isError && !isTold && <ProblemNote error={publish.error} />}
      <div className="flex flex-wrap gap-2">
        <Button kind="first" type="submit" isBusy={publish.isPending}>
          {texts.publish}
        </Button>
        <Skip step="publish" />
      </div>
    </form>
  );
}

/** The local network has a demo, which is as good as any application to try with. */
function UseDemo({ onUse }: { readonly onUse: (url: string) => void }) {
  const applications = useQuery(guideQueries.applications);
  const demo = applications.data?.items.find(({ host }) => host === `demo.${location.hostname}`);
  const targets = useQuery({
    queryKey: ['targets', demo?.id],
    queryFn: () => answerOf(api.GET('/resources/{id}/targets', { params: { path: { id: demo?.id ?? '' } } })),
    enabled: demo !== undefined,
  });
  const url = targets.data?.items[0]?.url;
  if (url === undefined) return null;
  return (
    <button type="button" onClick={() => onUse(url)} className="mt-1 text-sm text-accent underline">
      {texts.useDemo}
    </button>
  );
}

const SIGNED_IN = {
  rules: [
    {
      id: 'people',
      name: TEXTS.applications.accessSignedIn,
      when: { all: [] },
      // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
      then: { kind: 'authenticate', anyOf: 'signed-in' },
    },
  ],
};

/** `localhost:3000` is what people type. */
function withScheme(text: string): string {
  const address = text.trim();
  return /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
}

/** A name as a label of a host name (RFC 1123 section 2.1). */
function labelOf(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}
