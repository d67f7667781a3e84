import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, CircleHelp, CircleX } from 'lucide-react';
import { popsQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { classes } from '../../look/classes.ts';
import { CopyText } from '../../look/copy.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { DnsRecord } from './domain-shape.ts';

const texts = TEXTS.domains;

const LOOKS = {
  fine: ['text-good', CircleCheck],
  wrong: ['text-bad', CircleX],
  missing: ['text-warn', CircleDashed],
  unknown: ['text-quiet', CircleHelp],
} as const;

/** The records that a domain needs, to be copied as they are, each with what is seen of it. */
export function RecordList({ records }: { readonly records: readonly DnsRecord[] }) {
  const pops = useQuery(popsQuery).data ?? [];
  const placeOf = (observer: string) =>
    observer === 'control' ? texts.control : (pops.find(({ id }) => id === observer)?.name ?? observer);
  return (
    <ol className="grid gap-4">
      {records.map((record) => (
        <Record key={`${record.type} ${record.name} ${record.value}`} record={record} placeOf={placeOf} />
      ))}
    </ol>
  );
}

function Record({ record, placeOf }: { readonly record: DnsRecord; readonly placeOf: (observer: string) => string }) {
  const { purpose, name, type, value, isRequired, why, state, advice, seenFrom } = record;
  const [colour, Icon] = LOOKS[state];
  return (
    <li className="min-w-0 rounded-xl border px-4 py-3.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon size={19} aria-hidden="true" className={classes('shrink-0', colour)} />
        <h3 className="font-medium">{texts.purposes[purpose]}</h3>
        {!isRequired && <Badge>{texts.optional}</Badge>}
        <span className={classes('ml-auto text-sm', colour)}>{texts.recordStates[state]}</span>
      </div>
      <p className="mt-1 text-sm text-quiet">{state === 'fine' ? why : advice}</p>
      <div className="mt-3 grid gap-3 sm:grid-cols-[4rem_1fr_1fr]">
        <div className="text-sm">
          <p className="mb-1 font-medium">{texts.record}</p>
          <p className="py-2 font-mono">{type}</p>
        </div>
        <Copied label={texts.recordName} text={name} />
        <Copied label={texts.recordValue} text={value} />
      </div>
      {seenFrom.length > 0 && (
        <details className="mt-3 text-sm">
          <summary className="cursor-pointer text-quiet hover:text-ink">{texts.seenFrom}</summary>
          <ul className="mt-2 grid gap-1">
            {seenFrom.map(({ observer, state: seen, found, problem, checkedUnixMs }) => (
              <li key={observer} className="break-words">
                <span className="font-medium">{placeOf(observer)}</span>{' '}
                {found.length > 0 ? texts.sees(found.join(', ')) : texts.seesNothing}
                <span className={LOOKS[seen][0]}> ({texts.recordStates[seen]})</span>
                <span className="text-quiet">
                  {problem && `: ${problem}`} · <Ago unixMs={checkedUnixMs} />
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className="min-w-0 text-sm">
      <p className="mb-1 font-medium">{label}</p>
      <CopyText label={label} text={text} />
    </div>
  );
}
