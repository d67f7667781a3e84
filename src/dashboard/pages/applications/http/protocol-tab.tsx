import { CheckField } from '../../../look/field.tsx';
import { Card } from '../../../look/page.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { DEFAULTS, USUAL_RATE_PER_MS } from './defaults.ts';
import { ErrorPages } from './error-pages.tsx';
import { type SettingField, SettingFields, type Settings } from './fields.tsx';
import type { HttpSettings } from './http-settings.ts';
import { PartCard } from './part-card.tsx';

const texts = TEXTS.http;

const SIZES: readonly SettingField[] = [
  { path: 'bodyBytes', kind: 'bytes', label: texts.bodyBytes, hint: texts.bodyBytesHint, otherwise: texts.noLimit },
  { path: 'answerMs', kind: 'duration', label: texts.answerMs, hint: texts.answerMsHint, usual: DEFAULTS.answerMs },
  {
    path: 'headerBytes',
    kind: 'bytes',
    unit: 'KiB',
    label: texts.headerBytes,
    hint: texts.headerBytesHint,
    usual: DEFAULTS.headerBytes,
  },
  {
    path: 'uriBytes',
    kind: 'bytes',
    unit: 'KiB',
    label: texts.uriBytes,
    hint: texts.uriBytesHint,
    otherwise: texts.noLimit,
  },
  { path: 'concurrent', kind: 'number', label: texts.concurrent, hint: texts.concurrentHint, otherwise: texts.noLimit },
];

const PER_CLIENT: readonly SettingField[] = [
  {
    path: 'perClient.requests',
    kind: 'number',
    label: texts.clientRequests,
    hint: texts.clientRequestsHint,
    otherwise: texts.noLimit,
    brings: { path: 'perClient.perMs', value: USUAL_RATE_PER_MS },
  },
  { path: 'perClient.perMs', kind: 'duration', label: texts.per, usual: USUAL_RATE_PER_MS },
  {
    path: 'perClient.burst',
    kind: 'number',
    label: texts.burst,
    hint: texts.burstHint,
    otherwise: texts.burstOtherwise,
  },
];

const PER_USER: readonly SettingField[] = [
  {
    path: 'perUser.requests',
    kind: 'number',
    label: texts.userRequests,
    hint: texts.userRequestsHint,
    otherwise: texts.noLimit,
    brings: { path: 'perUser.perMs', value: USUAL_RATE_PER_MS },
  },
  { path: 'perUser.perMs', kind: 'duration', label: texts.per, usual: USUAL_RATE_PER_MS },
];

const LIMITS = [
  [texts.sizes, SIZES],
  [texts.rateOfClient, PER_CLIENT],
  [texts.rateOfUser, PER_USER],
] as const;

const COMPRESSION: readonly SettingField[] = [
  {
    path: 'encodings',
    kind: 'words',
    label: texts.encodings,
    hint: texts.encodingsHint,
    words: { zstd: 'zstd', br: 'brotli', gzip: 'gzip' },
  },
  { path: 'minimumBytes', kind: 'bytes', unit: 'KiB', label: texts.minimumBytes, usual: DEFAULTS.minimumBytes },
  { path: 'types', kind: 'texts', label: texts.types, hint: texts.typesHint, otherwise: texts.typesOtherwise },
  { path: 'personal', kind: 'flag', label: texts.personal, hint: texts.personalHint },
];

const CACHE: readonly SettingField[] = [
  {
    path: 'answerBytes',
    kind: 'bytes',
    label: texts.cacheBytes,
    hint: texts.cacheBytesHint,
    usual: DEFAULTS.cacheAnswerBytes,
  },
];

const CORS: readonly SettingField[] = [
  { path: 'origins', kind: 'texts', label: texts.origins, hint: texts.originsHint },
  { path: 'credentials', kind: 'flag', label: texts.corsCredentials },
  {
    path: 'preflight',
    kind: 'one',
    label: texts.preflight,
    words: { '': texts.preflightJudge, pass: texts.preflightPass, answer: texts.preflightAnswer },
  },
  { path: 'maxAgeMs', kind: 'duration', label: texts.maxAge, hint: texts.forAnswer, otherwise: texts.maxAgeOtherwise },
  {
    path: 'methods',
    kind: 'texts',
    label: texts.corsMethods,
    hint: texts.forAnswer,
    otherwise: texts.corsMethodsOtherwise,
  },
  {
    path: 'headers',
    kind: 'texts',
    label: texts.corsHeaders,
    hint: texts.forAnswer,
    otherwise: texts.corsHeadersOtherwise,
  },
];

const MAINTENANCE: readonly SettingField[] = [
  { path: 'on', kind: 'flag', label: texts.maintenanceOn, hint: texts.maintenanceOnHint },
  { path: 'automatic', kind: 'flag', label: texts.automatic, hint: texts.automaticHint },
  { path: 'message', kind: 'area', label: texts.message, otherwise: texts.messageOtherwise },
  { path: 'retryAfterMs', kind: 'duration', label: texts.retryAfter, usual: DEFAULTS.maintenanceRetryAfterMs },
  { path: 'bypass.roles', kind: 'texts', label: texts.bypassRoles, hint: texts.bypassHint, otherwise: texts.nobody },
  { path: 'bypass.addresses', kind: 'texts', label: texts.bypassAddresses, otherwise: texts.nobody },
];

/** Everything about a message that is neither its way nor its fields. */
export function ProtocolTab({ id, settings }: { readonly id: string; readonly settings: HttpSettings }) {
  const same = { id, settings };
  return (
    <div className="grid gap-6">
      <Card title={texts.protocols} lead={texts.protocolsLead}>
        <ul className="grid gap-1.5 text-sm">
          {texts.protocolFacts.map((fact) => (
            <li key={fact} className="flex gap-2">
              <span aria-hidden="true" className="text-accent">
                •
              </span>
              {fact}
            </li>
          ))}
        </ul>
      </Card>
      <PartCard<Settings> {...same} part="maintenance" title={texts.maintenance} lead={texts.maintenanceLead}>
        {(draft) => <SettingFields fields={MAINTENANCE} draft={withoutEmpty(draft)} />}
      </PartCard>
      <PartCard<Settings> {...same} part="limits" title={texts.limits} lead={texts.limitsLead}>
        {(draft) =>
          LIMITS.map(([heading, fields]) => (
            <section key={heading} className="grid gap-3">
              <h3 className="font-medium">{heading}</h3>
              <SettingFields fields={fields} draft={withoutEmpty(draft)} />
            </section>
          ))
        }
      </PartCard>
      <Switched
        {...same}
        part="compression"
        title={texts.compression}
        lead={texts.compressionLead}
        on={texts.compressionOn}
        fields={COMPRESSION}
      />
      <Switched {...same} part="cache" title={texts.cache} lead={texts.cacheLead} on={texts.cacheOn} fields={CACHE} />
      <Switched {...same} part="cors" title={texts.cors} lead={texts.corsLead} on={texts.corsOn} fields={CORS} />
      <ErrorPages {...same} />
    </div>
  );
}

type DraftOf = Parameters<typeof SettingFields>[0]['draft'];

/** A part without a field is no part. */
function withoutEmpty(draft: DraftOf): DraftOf {
  return { ...draft, change: (value) => draft.change(value && Object.keys(value).length > 0 ? value : undefined) };
}

/** A part that is on where it is there. */
function Switched({
  on,
  fields,
  ...rest
}: {
  readonly id: string;
  readonly settings: HttpSettings;
  readonly part: 'compression' | 'cache' | 'cors';
  readonly title: string;
  readonly lead: string;
  readonly on: string;
  readonly fields: readonly SettingField[];
}) {
  return (
    <PartCard<Settings> {...rest}>
      {(draft) => (
        <>
          <CheckField
            label={on}
            checked={draft.value !== undefined}
            onChange={({ target }) =>
              draft.change(target.checked ? (rest.part === 'cors' ? { origins: [] } : {}) : undefined)
            }
          />
          {draft.value !== undefined && <SettingFields fields={fields} draft={draft} />}
        </>
      )}
    </PartCard>
  );
}
