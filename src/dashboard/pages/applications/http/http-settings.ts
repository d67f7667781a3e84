/** What an application does with HTTP: read once, and replaced a part at a time. */
import { queryOptions } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../../api/client.ts';
import { ahead } from '../../../frame/change.ts';
import { api } from '../../../frame/client.ts';
import type { Draft } from '../../../frame/draft.ts';
import { placeAt, useSave } from '../../../frame/save.ts';
import { TEXTS } from '../../../texts/index.ts';

export type HttpSettings = paths['/resources/{id}/http']['get']['responses'][200]['content']['application/json'];
export type Part = keyof HttpSettings;

export interface HeaderRule {
  readonly set?: string;
  readonly add?: string;
  readonly default?: string;
  readonly remove?: string;
  readonly value?: string;
}

export interface Route {
  readonly name: string;
  readonly enabled?: boolean;
  readonly priority?: number;
  readonly when?: {
    readonly path?: Readonly<Record<string, unknown>>;
    readonly method?: readonly string[];
    readonly header?: { readonly name: string; readonly values?: readonly string[] };
  };
  readonly forward?: Forward;
  readonly redirect?: { readonly to: string; readonly status?: number; readonly keepQuery?: boolean };
  readonly answer?: { readonly status: number; readonly contentType?: string; readonly body?: string };
}

export interface Forward {
  readonly targets?: readonly string[];
  readonly stripPrefix?: string;
  readonly replacePrefix?: { readonly prefix: string; readonly with: string };
  readonly replaceRegex?: { readonly regex: string; readonly with: string };
  readonly headers?: { readonly request?: readonly HeaderRule[]; readonly response?: readonly HeaderRule[] };
}

export function httpQuery(id: string) {
  return queryOptions({
    queryKey: ['applications', id, 'http'],
    queryFn: () => answerOf(api.GET('/resources/{id}/http', { params: { path: { id } } })),
  });
}

/** Replaces one part and leaves the others; shown at once, and taken back where it was refused. */
export function useHttpPart(id: string, part: Part, title: string, draft: Draft<HttpSettings, HttpFields>) {
  const { read, write } = placeAt('put', '/resources/{id}/http', { id });
  const { value } = draft.fields;
  return useSave({
    draft,
    place: {
      read,
      // Somebody else may have changed another part since this page read it.
      write: (body: HttpSettings, condition, now) => write(withPart(now, part, body[part]), condition),
    },
    body: () => ({ [part]: value }),
    words: { labels: { [part]: title } },
    shows: ['applications'],
    ahead: ahead(httpQuery(id), (settings) => withPart(settings, part, value)),
    done: TEXTS.frame.saved,
  });
}

/** Those of a form about one part. */
export interface HttpFields {
  readonly value: unknown;
}

function withPart(settings: HttpSettings, part: Part, value: unknown): HttpSettings {
  const { [part]: _had, ...others } = settings;
  const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
  return isNothing ? others : { ...others, [part]: value };
}
