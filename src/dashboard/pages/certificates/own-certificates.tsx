import { useQuery } from '@tanstack/react-query';
import { FileKey2, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { withoutRow } from '../../frame/rows.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { TextArea, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type OwnCertificate, ownCertificatesQuery } from '../domains/domain-shape.ts';
import { CertificateTabs } from './certificate-tabs.tsx';

const texts = TEXTS.certificates;

export function OwnCertificatesPage() {
  const certificates = useQuery(ownCertificatesQuery);
  const [edited, setEdited] = useState<OwnCertificate | 'new'>();
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setEdited('new')}>
      {texts.addOwn}
    </Button>
  );
  return (
    <Page title={texts.ownTitle} lead={texts.ownLead} actions={add} above={<CertificateTabs />}>
      {certificates.isPending && <Loading />}
      {certificates.isError && <ProblemNote error={certificates.error} retry={() => void certificates.refetch()} />}
      {certificates.data && (
        <Card isFlush className="pt-1">
          {certificates.data.length === 0 ? (
            <Empty icon={<FileKey2 />} title={texts.noOwn} actions={add}>
              {texts.noOwnLead}
            </Empty>
          ) : (
            <OwnTable rows={certificates.data} onReplace={setEdited} />
          )}
        </Card>
      )}
      {edited && <OwnForm certificate={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
    </Page>
  );
}

function OwnTable({
  rows,
  onReplace,
}: {
  readonly rows: readonly OwnCertificate[];
  readonly onReplace: (certificate: OwnCertificate) => void;
}) {
  const remove = useChange({
    run: ({ id }: OwnCertificate) => answerOf(api.DELETE('/own-certificates/{id}', { params: { path: { id } } })),
    shows: ['own-certificates'],
    ahead: ahead(ownCertificatesQuery, (all, { id }: OwnCertificate) => withoutRow(all, id)),
  });
  const columns: readonly Column<OwnCertificate>[] = [
    {
      name: texts.ownName,
      sortBy: ({ name }) => name,
      cell: ({ name, hosts, warnings, files }) => (
        <div>
          <p className="font-medium">{name}</p>
          <p className="text-sm break-all text-quiet">{hosts.join(', ')}</p>
          {files && <Badge>{texts.fromFiles}</Badge>}
          {warnings.map((warning) => (
            <p key={warning} className="text-sm text-warn">
              {warning}
            </p>
          ))}
        </div>
      ),
    },
    {
      name: texts.ends,
      sortBy: ({ notAfterUnixMs }) => notAfterUnixMs,
      cell: ({ notAfterUnixMs }) => <Ago unixMs={notAfterUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (certificate) => (
        <span className="inline-flex justify-end gap-1">
          <Button onClick={() => onReplace(certificate)} aria-label={texts.replaceOwn(certificate.name)}>
            {texts.replace}
          </Button>
          <RemoveButton
            label={TEXTS.frame.remove}
            ask={texts.removeOwnAsk(certificate.name)}
            consequence={texts.removeOwnConsequence}
            onConfirm={() => remove.mutate(certificate)}
          />
        </span>
      ),
    },
  ];
  return <Table caption={texts.own} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function OwnForm({
  certificate,
  onClose,
}: {
  readonly certificate: OwnCertificate | undefined;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState(certificate?.name ?? '');
  const [chainPem, setChain] = useState('');
  const [keyPem, setKey] = useState('');
  const save = useChange({
    run: async () => {
      const body = { name, chainPem, keyPem };
      if (certificate)
        return answerOf(api.PATCH('/own-certificates/{id}', { params: { path: { id: certificate.id } }, body }));
      return answerOf(api.POST('/own-certificates', { body }));
    },
    shows: ['own-certificates', 'certificates'],
    done: TEXTS.frame.saved,
    isForm: true,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={certificate ? texts.replaceOwn(certificate.name) : texts.addOwn}
      action={TEXTS.frame.save}
      change={save}
      fields={['name', 'chainPem', 'keyPem']}
      onClose={onClose}
    >
      <TextField
        label={texts.ownName}
        required
        value={name}
        fault={faultOf(save.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      <PemField
        label={texts.chain}
        hint={texts.chainHint}
        value={chainPem}
        fault={faultOf(save.error, 'chainPem')}
        onChange={setChain}
      />
      <PemField
        label={texts.key}
        hint={texts.keyHint}
        value={keyPem}
        fault={faultOf(save.error, 'keyPem')}
        onChange={setKey}
      />
    </FormDialog>
  );
}

/** PEM, pasted or read from a file that never leaves the page but by this form. */
function PemField({
  label,
  hint,
  value,
  fault,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (text: string) => void;
}) {
  return (
    <div>
      <TextArea
        label={label}
        hint={hint}
        isCode
        required
        rows={4}
        value={value}
        fault={fault}
        onChange={({ target }) => onChange(target.value)}
      />
      <label className="mt-1 inline-block cursor-pointer text-sm text-accent underline">
        {texts.chooseFile}
        <input
          type="file"
          accept=".pem,.crt,.cer,.key"
          aria-label={`${label}: ${texts.chooseFile}`}
          className="sr-only"
          onChange={({ target }) => void target.files?.[0]?.text().then(onChange)}
        />
      </label>
    </div>
  );
}
