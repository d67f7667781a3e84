import { answerOf } from '../../../../api/client.ts';
import { useChange } from '../../../frame/change.ts';
import { api } from '../../../frame/client.ts';
import { useDraft } from '../../../frame/draft.ts';
import { faultIn, findingsOf } from '../../../frame/findings.ts';
import { placeAt, useSave } from '../../../frame/save.ts';
import { SiteField, useSite } from '../../../frame/site-field.tsx';
import { CheckField, TextArea, TextField } from '../../../look/field.tsx';
import { FormDialog } from '../../../look/form-dialog.tsx';
import { TEXTS } from '../../../texts/index.ts';
import type { Application, Target } from '../application-shape.ts';
import { type Check, CheckFields } from './check-fields.tsx';

const texts = TEXTS.applications;

interface Draft {
  readonly siteId: string;
  readonly url: string;
  readonly priority: number;
  readonly weight: number;
  readonly hostHeader: string;
  readonly serverName: string;
  readonly verify: boolean;
  readonly caPem: string;
  readonly chainPem: string;
  readonly keyPem: string;
  readonly check: Check | null;
}

const STARTS: Readonly<Record<Application['kind'], string>> = {
  ...{ http: 'http://localhost:3000', access: 'tcp://localhost:5432', tcp: 'tcp://localhost:5432' },
  ...{ tls: 'tcp://localhost:443', udp: 'udp://localhost:5353' },
};

function draftOf(kind: Application['kind'], target: Target | undefined): Draft {
  return {
    siteId: target?.siteId ?? '',
    url: target?.url ?? STARTS[kind],
    priority: target?.priority ?? 0,
    weight: target?.weight ?? 1,
    hostHeader: target?.hostHeader ?? '',
    serverName: target?.tls.serverName ?? '',
    verify: target?.tls.verify ?? true,
    caPem: target?.tls.caPem ?? '',
    chainPem: target?.tls.clientCertificate?.chainPem ?? '',
    keyPem: '',
    check: target?.check ?? null,
  };
}

/** Adds a target, or changes one; what is refused stands beside its field. */
export function TargetForm({
  application,
  target,
  onClose,
}: {
  readonly application: Application;
  readonly target: Target | undefined;
  readonly onClose: () => void;
}) {
  const form = useDraft(target, (seen) => draftOf(application.kind, seen));
  const { fields: draft, change } = form;
  const siteId = useSite(draft.siteId);
  const told = { shows: ['applications'], done: TEXTS.frame.saved, onDone: onClose };
  const { siteId: site, ...body } = bodyOf({ ...draft, siteId }, form.seen);
  const add = useChange({
    run: () =>
      answerOf(
        api.POST('/resources/{id}/targets', {
          params: { path: { id: application.id } },
          body: { siteId: site, ...body },
        }),
      ),
    ...told,
    isForm: true,
  });
  const put = useSave({
    draft: form,
    place: placeAt('patch', '/targets/{id}', { id: target?.id ?? '' }),
    body: () => body,
    words: { labels: LABELS },
    ...told,
  });
  const save = target ? put : add;
  const findings = findingsOf(save.error);
  const faultAt = (path: string) => faultIn(findings, path);
  const isHttp = application.kind === 'http';
  return (
    <FormDialog
      title={target ? texts.editTarget : texts.addTarget}
      action={target ? TEXTS.frame.save : TEXTS.frame.add}
      change={save}
      fields={['url', 'priority', 'weight', 'hostHeader', 'tls', 'check']}
      onClose={onClose}
    >
      {!target && <SiteField value={siteId} onChange={(id) => change({ siteId: id })} />}
      <TextField
        label={texts.address}
        hint={isHttp ? texts.addressForms : texts.streamAddressHint}
        isCode
        required
        value={draft.url}
        fault={faultAt('url')}
        onChange={({ target: input }) => change({ url: input.value })}
      />
      <div className="grid grid-cols-2 gap-4">
        <TextField
          label={texts.priority}
          hint={texts.priorityHint}
          type="number"
          min={0}
          value={String(draft.priority)}
          fault={faultAt('priority')}
          onChange={({ target: input }) => change({ priority: Number(input.value) })}
        />
        <TextField
          label={texts.weight}
          hint={texts.weightHint}
          type="number"
          min={0}
          value={String(draft.weight)}
          fault={faultAt('weight')}
          onChange={({ target: input }) => change({ weight: Number(input.value) })}
        />
      </div>
      {isHttp && (
        <TextField
          label={texts.hostHeader}
          hint={texts.hostHeaderHint}
          isCode
          value={draft.hostHeader}
          fault={faultAt('hostHeader')}
          onChange={({ target: input }) => change({ hostHeader: input.value })}
        />
      )}
      {isTls(draft.url) && <TlsFields draft={draft} faultAt={faultAt} change={change} />}
      {application.kind !== 'udp' && (
        <CheckFields isHttp={isHttp} check={draft.check} faultAt={faultAt} onChange={(check) => change({ check })} />
      )}
    </FormDialog>
  );
}

function isTls(url: string): boolean {
  return /^(?:https|h2)(?:\+unix)?:/.test(url);
}

function TlsFields({
  draft,
  faultAt,
  change,
}: {
  readonly draft: Draft;
  readonly faultAt: (path: string) => string | undefined;
  readonly change: (part: Partial<Draft>) => void;
}) {
  return (
    <fieldset className="grid gap-4 rounded-lg border p-4">
      <legend className="px-1 font-medium">{texts.tls}</legend>
      <CheckField
        label={texts.tlsVerify}
        hint={texts.tlsVerifyHint}
        checked={draft.verify}
        onChange={({ target }) => change({ verify: target.checked })}
      />
      {faultAt('tls.verify') && <p className="text-sm text-bad">{faultAt('tls.verify')}</p>}
      <TextField
        label={texts.tlsServerName}
        hint={texts.tlsServerNameHint}
        isCode
        value={draft.serverName}
        fault={faultAt('tls.serverName')}
        onChange={({ target }) => change({ serverName: target.value })}
      />
      <TextArea
        label={texts.tlsCa}
        hint={texts.tlsCaHint}
        isCode
        rows={3}
        value={draft.caPem}
        fault={faultAt('tls.caPem')}
        onChange={({ target }) => change({ caPem: target.value })}
      />
      <TextArea
        label={texts.tlsChain}
        hint={texts.tlsChainHint}
        isCode
        rows={3}
        value={draft.chainPem}
        fault={faultAt('tls.clientCertificate.chainPem')}
        onChange={({ target }) => change({ chainPem: target.value })}
      />
      {draft.chainPem !== '' && (
        <TextArea
          label={texts.tlsKey}
          hint={texts.tlsKeyHint}
          isCode
          rows={3}
          value={draft.keyPem}
          fault={faultAt('tls.clientCertificate.keyPem')}
          onChange={({ target }) => change({ keyPem: target.value })}
        />
      )}
    </fieldset>
  );
}

const orNull = (text: string) => (text.trim() === '' ? null : text.trim());

const LABELS = {
  ...{ url: texts.address, priority: texts.priority, weight: texts.weight, hostHeader: texts.hostHeader },
  ...{ tls: texts.tls, check: texts.check },
};

function bodyOf(draft: Draft, target: Target | undefined) {
  const { siteId, url, priority, weight, check } = draft;
  const hadChain = target?.tls.clientCertificate?.chainPem ?? '';
  // The key of a certificate that is there already is never told, and stays where nothing else is said.
  const isKept = draft.chainPem === hadChain && draft.keyPem === '';
  const shown = draft.chainPem === '' ? null : { chainPem: draft.chainPem, keyPem: draft.keyPem };
  const tls = isTls(url)
    ? {
        serverName: orNull(draft.serverName),
        verify: draft.verify,
        caPem: orNull(draft.caPem),
        ...(!isKept && { clientCertificate: shown }),
      }
    : undefined;
  return {
    siteId,
    url: url.trim(),
    priority,
    weight,
    check,
    hostHeader: orNull(draft.hostHeader),
    ...(tls && { tls }),
  };
}
