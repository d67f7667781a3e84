import { DurationField } from '../../../look/amount.tsx';
import { SelectField, TextField } from '../../../look/field.tsx';
import { TokensField } from '../../../look/tokens.tsx';
import { TEXTS } from '../../../texts/index.ts';
import type { Target } from '../application-shape.ts';

const texts = TEXTS.applications;
export type Check = NonNullable<Target['check']>;

const TIMING = {
  intervalMs: 10_000,
  unhealthyIntervalMs: 5_000,
  timeoutMs: 5_000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};
const START = {
  http: {
    ...{ kind: 'http', ...TIMING, method: 'GET', path: '/', headers: {}, expectedStatus: ['2xx', '3xx'] },
    ...{ hostHeader: null, tls: { serverName: null, verify: null } },
  },
  tcp: { kind: 'tcp', ...TIMING },
} as const;

/** How connectors find out whether a target is well. */
export function CheckFields({
  isHttp,
  check,
  faultAt,
  onChange,
}: {
  readonly isHttp: boolean;
  readonly check: Check | null;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (check: Check | null) => void;
}) {
  return (
    <fieldset className="grid gap-4 rounded-lg border p-4">
      <legend className="px-1 font-medium">{texts.check}</legend>
      <SelectField
        label={texts.checkKind}
        hint={texts.checkHint}
        value={check?.kind ?? 'none'}
        onChange={({ target }) =>
          onChange(target.value === 'none' ? null : (START[target.value as 'http' | 'tcp'] as unknown as Check))
        }
      >
        <option value="none">{texts.checkKinds.none}</option>
        {isHttp && <option value="http">{texts.checkKinds.http}</option>}
        <option value="tcp">{texts.checkKinds.tcp}</option>
      </SelectField>
      {check?.kind === 'http' && (
        <>
          <div className="grid grid-cols-[7rem_1fr] gap-4">
            <SelectField
              label={texts.checkMethod}
              value={check.method}
              onChange={({ target }) => onChange({ ...check, method: target.value as typeof check.method })}
            >
              {['GET', 'HEAD', 'OPTIONS', 'POST'].map((method) => (
                <option key={method}>{method}</option>
              ))}
            </SelectField>
            <TextField
              label={texts.checkPath}
              isCode
              value={check.path}
              fault={faultAt('check.path')}
              onChange={({ target }) => onChange({ ...check, path: target.value })}
            />
          </div>
          <TokensField
            label={texts.checkStatus}
            hint={texts.checkStatusHint}
            values={check.expectedStatus}
            fault={faultAt('check.expectedStatus')}
            onChange={(expectedStatus) => onChange({ ...check, expectedStatus: [...expectedStatus] })}
          />
        </>
      )}
      {check && (
        <div className="grid gap-4 sm:grid-cols-2">
          {(['intervalMs', 'unhealthyIntervalMs', 'timeoutMs'] as const).map((key) => (
            <DurationField
              key={key}
              label={texts.checkTimes[key]}
              value={check[key]}
              fault={faultAt(`check.${key}`)}
              onChange={(ms) => onChange({ ...check, [key]: ms ?? TIMING[key] })}
            />
          ))}
          {(['healthyThreshold', 'unhealthyThreshold'] as const).map((key) => (
            <TextField
              key={key}
              label={texts.checkTimes[key]}
              type="number"
              min={1}
              value={String(check[key])}
              fault={faultAt(`check.${key}`)}
              onChange={({ target }) => onChange({ ...check, [key]: Number(target.value) })}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
