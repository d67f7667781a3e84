import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { SelectField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { trimmed } from '../policies/policy-model.ts';
import type { DnsProvider } from './domain-shape.ts';

const texts = TEXTS.domains;
type Kind = DnsProvider['kind'];
const ALGORITHMS = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;

/** An account at who serves a zone; its secret goes in and never comes out. */
export function DnsProviderForm({
  provider,
  onClose,
}: {
  readonly provider: DnsProvider | undefined;
  readonly onClose: () => void;
}) {
  const [draft, change] = useFields({
    name: provider?.name ?? '',
    kind: provider?.kind ?? ('cloudflare' as Kind),
    accessKeyId: provider?.accessKeyId ?? '',
    server: provider?.server ?? '',
    keyName: provider?.keyName ?? '',
    algorithm: provider?.algorithm ?? 'hmac-sha256',
    secret: '',
  });
  const { kind } = draft;
  const save = useChange({
    run: async () => {
      const { kind: _, algorithm, ...rest } = draft;
      const fields = trimmed({
        ...rest,
        algorithm: kind === 'rfc2136' ? (algorithm as (typeof ALGORITHMS)[number]) : undefined,
      });
      if (provider)
        return answerOf(
          api.PATCH('/dns-providers/{id}', { params: { path: { id: provider.id } }, body: fields as object }),
        );
      return answerOf(api.POST('/dns-providers', { body: { ...fields, kind } as never }));
    },
    shows: ['dns-providers'],
    done: TEXTS.frame.saved,
    isForm: true,
    onDone: onClose,
  });
  const field = (key: 'name' | 'accessKeyId' | 'server' | 'keyName', label: string, hint?: string) => (
    <TextField
      label={label}
      {...(hint !== undefined && { hint })}
      required
      value={draft[key]}
      fault={faultOf(save.error, key)}
      onChange={({ target }) => change({ [key]: target.value })}
    />
  );
  return (
    <FormDialog
      title={provider ? texts.editProvider : texts.addProvider}
      action={provider ? TEXTS.frame.save : TEXTS.frame.add}
      change={save}
      fields={['name', 'accessKeyId', 'server', 'keyName', 'secret']}
      onClose={onClose}
    >
      {field('name', texts.providerName)}
      {!provider && (
        <SelectField label={texts.kind} value={kind} onChange={({ target }) => change({ kind: target.value as Kind })}>
          {Object.entries(texts.kinds).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
      )}
      {kind === 'route53' && field('accessKeyId', texts.accessKeyId)}
      {kind === 'rfc2136' && (
        <>
          {field('server', texts.server, texts.serverHint)}
          {field('keyName', texts.keyName)}
          <SelectField
            label={texts.algorithm}
            value={draft.algorithm}
            onChange={({ target }) => change({ algorithm: target.value })}
          >
            {ALGORITHMS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </SelectField>
        </>
      )}
      <TextField
        label={texts.secret[kind]}
        hint={provider ? texts.secretKept : texts.secretHint[kind]}
        type="password"
        autoComplete="off"
        required={!provider}
        value={draft.secret}
        fault={faultOf(save.error, 'secret')}
        onChange={({ target }) => change({ secret: target.value })}
      />
    </FormDialog>
  );
}
