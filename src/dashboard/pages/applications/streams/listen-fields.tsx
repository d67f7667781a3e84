import { DurationField } from '../../../look/amount.tsx';
import { TextField } from '../../../look/field.tsx';
import { TEXTS } from '../../../texts/index.ts';
import type { Application } from '../application-shape.ts';
import { USUAL_UDP_IDLE_MS } from '../http/defaults.ts';

const texts = TEXTS.applications;

export interface Listen {
  readonly first: number | null;
  readonly last: number | null;
  readonly idleMs: number | null;
}

/** Where points of presence listen. */
export function ListenFields({
  kind,
  value,
  faultAt,
  onChange,
}: {
  readonly kind: Application['kind'];
  readonly value: Listen;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (listen: Listen) => void;
}) {
  const port = (text: string) => (text === '' ? null : Number(text));
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={kind === 'tls' ? texts.tlsPort : texts.firstPort}
        hint={kind === 'tls' ? texts.tlsPortHint : texts.firstPortHint}
        type="number"
        min={1}
        max={65535}
        required={kind !== 'tls'}
        value={String(value.first ?? '')}
        fault={faultAt('.first')}
        onChange={({ target }) => {
          const first = port(target.value);
          // The range stays one port while it was one.
          onChange({ ...value, first, last: value.last === value.first || kind === 'tls' ? first : value.last });
        }}
      />
      {kind !== 'tls' && (
        <TextField
          label={texts.lastPort}
          hint={texts.lastPortHint}
          type="number"
          min={1}
          max={65535}
          value={String(value.last ?? '')}
          fault={faultAt('.last')}
          onChange={({ target }) => onChange({ ...value, last: port(target.value) })}
        />
      )}
      {kind === 'udp' && (
        <DurationField
          label={texts.idle}
          hint={texts.idleHint}
          otherwise={USUAL_UDP_IDLE_MS}
          value={value.idleMs ?? undefined}
          fault={faultAt('.idleMs')}
          onChange={(idleMs) => onChange({ ...value, idleMs: idleMs ?? null })}
        />
      )}
    </div>
  );
}
