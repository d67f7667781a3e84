/** A reverse proxy as nginx is configured for it: servers, locations, upstreams, and streams of TCP and UDP. */
import type { Json, JsonObject } from '../json.ts';
import { asList, ImportDraft, type Imported, type ImportOptions } from './imported.ts';
import { LocationReader, type Server } from './nginx-location.ts';
import { type Directive, parseNginx } from './nginx-syntax.ts';
import { reasonFor } from './nginx-words.ts';

/** A file that `include` may lead to. */
export interface NginxFile {
  readonly path: string;
  readonly text: string;
}

/** One that is not read, and why. */
export interface UnreadFile {
  readonly path: string;
  readonly fault: string;
}

/** The files of a pattern, as nginx finds them; none where there are none. */
export type IncludeReader = (pattern: string) => readonly (NginxFile | UnreadFile)[];

/** Includes within includes. */
const INCLUDES_MAX = 8;

export function importNginx(file: NginxFile, options: ImportOptions, include: IncludeReader): Imported {
  const draft = new ImportDraft();
  draft.sites.add(options.site);
  const directives = read(draft, file, include, []);
  const upstreams = new Map<string, readonly Directive[]>();
  const servers: Directive[] = [];
  const streams: Directive[] = [];
  sort(draft, directives, { upstreams, servers, streams }, false);
  for (const server of servers) addServer(draft, server, upstreams, options);
  for (const stream of streams) addStream(draft, stream, upstreams, options);
  for (const [name, resource] of Object.entries(draft.resources))
    if (asList(resource['targets']).length === 0 && resource['http'] === undefined) delete draft.resources[name];
  return draft.finish();
}

/** With what it includes in its place. */
function read(
  draft: ImportDraft,
  file: NginxFile,
  include: IncludeReader,
  around: readonly string[],
): readonly Directive[] {
  const { directives, faults } = parseNginx(file.text, file.path);
  for (const { place, text } of faults) draft.note(place, text);
  const expand = (list: readonly Directive[]): Directive[] =>
    list.flatMap((directive) => {
      if (directive.name === 'include') return included(directive);
      return directive.block ? [{ ...directive, block: expand(directive.block) }] : [directive];
    });
  const included = ({ words: [pattern = ''], place }: Directive): readonly Directive[] => {
    if (/mime\.types$|fastcgi|uwsgi|modules-enabled/.test(pattern)) return [];
    const path = [...around, file.path];
    const files = path.length <= INCLUDES_MAX ? include(pattern) : [];
    if (files.length === 0) draft.note(place, `${pattern} is not there, so what it says was not read`);
    return files.flatMap((one) => {
      if ('fault' in one) draft.note(place, `${one.path} ${one.fault}, so what it says was not read`);
      else if (path.includes(one.path)) draft.note(place, `${one.path} includes itself`);
      else return read(draft, one, include, path);
      return [];
    });
  };
  return expand(directives);
}

interface Sorted {
  readonly upstreams: Map<string, readonly Directive[]>;
  readonly servers: Directive[];
  readonly streams: Directive[];
}

function sort(draft: ImportDraft, directives: readonly Directive[], into: Sorted, isStream: boolean): undefined {
  for (const directive of directives) {
    const { name, words, block = [], place } = directive;
    if (name === 'http' || name === 'stream') sort(draft, block, into, name === 'stream');
    else if (name === 'upstream') into.upstreams.set(words[0] ?? '', block);
    else if (name === 'server') (isStream ? into.streams : into.servers).push(directive);
    else draft.note(place, reasonFor(name));
  }
}

function addServer(
  draft: ImportDraft,
  server: Directive,
  upstreams: ReadonlyMap<string, readonly Directive[]>,
  { site }: ImportOptions,
): undefined {
  const block = server.block ?? [];
  const names = block.filter(({ name }) => name === 'server_name').flatMap(({ words }) => words);
  const hosts = names.filter((name) => /^(?:\*\.)?[\w-]+(?:\.[\w-]+)+$/.test(name));
  for (const name of names)
    if (!hosts.includes(name)) draft.note(server.place, `server_name ${name}: a host name in full, or *.example.com`);
  if (names.length === 0) draft.note(server.place, 'a server without server_name: a resource needs a host');
  if (onlySendsToHttps(block)) {
    draft.note(server.place, 'not needed: PoPs lead http:// to https:// themselves');
    return;
  }
  for (const host of hosts) {
    if (draft.resources[host]) {
      draft.note(server.place, `${host} is published by another server block already; this one was left out`);
      continue;
    }
    const place: Server = { host, site, upstreams, draft };
    draft.resources[host] = new LocationReader(place).resourceOf(block) as Record<string, Json | undefined>;
  }
}

function onlySendsToHttps(block: readonly Directive[]): boolean {
  const acts = block.filter(({ name }) => /^(return|rewrite|location|if|proxy_pass|root)$/.test(name));
  const isSecure = block.some(({ name, words }) => name === 'listen' && words.includes('ssl'));
  const leads = ({ words, block: inner = [] }: Directive): boolean =>
    words.some((word) => /^https:\/\/(\$(host|server_name|http_host)|[\w.*-]+)\$request_uri$/.test(word)) ||
    (inner.length > 0 && inner.every((one) => one.name === 'return' && leads(one)));
  const isChallenge = ({ name, words }: Directive): boolean =>
    name === 'location' && words.some((word) => word.includes('acme-challenge'));
  const others = acts.filter((one) => !isChallenge(one));
  return !isSecure && others.length > 0 && others.every(leads);
}

function addStream(
  draft: ImportDraft,
  { block = [], place }: Directive,
  upstreams: ReadonlyMap<string, readonly Directive[]>,
  { site }: ImportOptions,
): undefined {
  const find = (wanted: string): Directive | undefined => block.find(({ name }) => name === wanted);
  for (const { name, words, place: where } of block)
    if (name === 'proxy_protocol' && words[0] === 'on') draft.note(where, 'set proxyProtocol: { to: 1 }');
    else if (!['listen', 'proxy_pass', 'proxy_protocol'].includes(name)) draft.note(where, reasonFor(name));
  const listen = find('listen')?.words ?? [];
  const port = Number(/(\d+)$/.exec(listen[0] ?? '')?.[1]);
  const to = find('proxy_pass')?.words[0] ?? '';
  if (!port || to === '') return draft.note(place, 'a stream needs listen and proxy_pass');
  const kind = listen.includes('udp') ? 'udp' : 'tcp';
  const servers = upstreams
    .get(to)
    ?.filter(({ name }) => name === 'server')
    .map(({ words }) => words[0] ?? '') ?? [to];
  const targets = servers.map((address): JsonObject => ({ site, url: `${kind}://${address}` }));
  draft.resources[`${kind} ${port}`] = { kind, listen: { first: port }, targets };
  draft.note(place, `nobody may open ${kind} ${port} yet: give it a policy (docs/tcp-and-udp.md)`);
}
