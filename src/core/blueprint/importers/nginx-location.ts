/** One server of nginx as a resource: its locations as routes, what they say of headers and limits, allow and deny as a policy. */
import type { Json, JsonObject } from '../json.ts';
import { type ImportDraft, NOBODY_YET, rule, wholePath } from './imported.ts';
import { headersOf, hostHeaderOf } from './nginx-fields.ts';
import type { Directive } from './nginx-syntax.ts';
import { bytesOf, millisecondsOf, reasonFor, templateOf } from './nginx-words.ts';

export interface Server {
  readonly host: string;
  readonly site: string;
  readonly upstreams: ReadonlyMap<string, readonly Directive[]>;
  readonly draft: ImportDraft;
}

type Mutable = Record<string, Json | undefined>;

/** What nginx asks first: exact places, `^~`, regular expressions in their order, then the longest prefix. */
const EXACT = 900;
const BEFORE_REGEX = 800;
const REGEX = 700;

const ANYWHERE = [
  'location',
  'listen',
  'server_name',
  'proxy_pass',
  'proxy_set_header',
  'add_header',
  'proxy_hide_header',
];
const READ = [
  ...ANYWHERE,
  ...[
    'client_max_body_size',
    'proxy_read_timeout',
    'gzip',
    'return',
    'rewrite',
    'allow',
    'deny',
    'auth_basic',
    'limit_except',
  ],
];

export class LocationReader {
  readonly #server: Server;
  readonly #targets: Mutable[] = [];
  readonly #routes: Mutable[] = [];
  readonly #rules: JsonObject[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  resourceOf(block: readonly Directive[]): JsonObject {
    const { draft, host } = this.#server;
    this.#noteRest(block);
    for (const directive of flat(block)) this.#location(directive, block);
    if (!block.some(({ name }) => name === 'location')) this.#act(block, { name: 'everything' }, undefined, '/');
    const routes = this.#simplified();
    const http = { ...this.#settings(block), ...(routes.length > 0 && { routes }) };
    this.#access(block, undefined);
    draft.note(host, NOBODY_YET);
    return {
      ...{ host, targets: this.#targets },
      ...(this.#rules.length > 0 && { policy: { rules: this.#rules } }),
      ...(Object.keys(http).length > 0 && { http }),
    };
  }

  /** Of the server: fields, sizes, times. */
  #settings(block: readonly Directive[]): JsonObject {
    const all = [...block, ...flat(block).flatMap(({ block: inner = [] }) => inner)];
    const last = (name: string): string | undefined => all.findLast((one) => one.name === name)?.words[0];
    const sizes = all
      .filter(({ name }) => name === 'client_max_body_size')
      .map(({ words }) => bytesOf(words[0] ?? '') ?? 0);
    const bodyBytes = sizes.includes(0) ? 0 : Math.max(0, ...sizes);
    const answerMs = millisecondsOf(last('proxy_read_timeout') ?? '');
    const limits = { ...(bodyBytes > 0 && { bodyBytes }), ...(answerMs && { answerMs }) };
    const headers = headersOf(block, this.#server.draft);
    return {
      ...(Object.keys(limits).length > 0 && { limits }),
      ...(headers && { headers }),
      ...(last('gzip') === 'on' && { compression: {} }),
    };
  }

  #location(location: Directive, server: readonly Directive[]): undefined {
    const { words, block = [], place } = location;
    this.#noteRest(block);
    const [operator, path = ''] = words.length > 1 ? words : ['', words[0] ?? ''];
    if (path.includes('acme-challenge'))
      return this.#server.draft.note(place, 'not needed: Manis answers challenges itself');
    if (path.startsWith('@'))
      return this.#server.draft.note(place, 'a place with a name is reached by error_page or try_files alone');
    const name = `${operator ? `${operator} ` : ''}${path}`.slice(0, 64);
    const when = whenOf(operator ?? '', path);
    const priority = priorityOf(operator ?? '', this.#routes.length);
    const own = { name: this.#freeName(name), ...(priority && { priority }), ...(path !== '/' && { when }) };
    const inherited = server.filter(({ name: key }) => key === 'proxy_set_header');
    const hasOwn = block.some(({ name: key }) => key === 'proxy_set_header');
    this.#act(hasOwn ? block : [...inherited, ...block], own, place, operator?.startsWith('~') ? undefined : path);
    this.#access(block, path === '/' ? undefined : when.path);
  }

  /** What becomes of requests. */
  #act(block: readonly Directive[], route: Mutable, place: string | undefined, prefix: string | undefined): undefined {
    const { draft, host } = this.#server;
    const find = (name: string): Directive | undefined => block.find((one) => one.name === name);
    const done = find('return');
    const rewrites = block.filter(({ name }) => name === 'rewrite');
    for (const rewrite of rewrites) this.#rewrite(rewrite, find('proxy_pass') !== undefined, route);
    if (done) {
      const [status = '200', text = ''] =
        done.words.length === 1 && !/^\d+$/.test(done.words[0] ?? '') ? ['302', ...done.words] : done.words;
      const isRedirect = /^30[12378]$/.test(status);
      const to = isRedirect ? templateOf(text, host) : undefined;
      if (isRedirect && to === undefined) return draft.note(done.place, `${text}: a variable that is not known here`);
      // 444 is nginx' word for closing the connection.
      const answer = { status: status === '444' ? 403 : Number(status), ...(text !== '' && { body: text }) };
      this.#routes.push({
        ...route,
        ...(to === undefined ? { answer } : { redirect: { to, status: Number(status) } }),
      });
      return;
    }
    const pass = find('proxy_pass');
    if (!pass) {
      if (place !== undefined && rewrites.length === 0)
        draft.note(place, 'no proxy_pass and no return: nothing was made of it');
      return;
    }
    const made = this.#passTo(pass, block, prefix);
    if (made) this.#routes.push({ ...route, forward: { ...made, ...asForward(route), ...this.#fields(block) } });
  }

  #passTo(pass: Directive, block: readonly Directive[], prefix: string | undefined): Mutable | undefined {
    const { draft, upstreams, site } = this.#server;
    const match = /^(https?|grpcs?):\/\/(unix:[^:]+:?|[^/]+)(\/.*)?$/.exec(pass.words[0] ?? '');
    if (!match || pass.words[0]?.includes('$')) {
      draft.note(pass.place, `${pass.words[0]}: a place with variables is not known here`);
      return undefined;
    }
    const [, scheme = 'http', authority = '', path] = match;
    const hostHeader = hostHeaderOf(block);
    const verify = block.some(({ name, words }) => name === 'proxy_ssl_verify' && words[0] === 'on');
    if (scheme === 'https' && !verify)
      draft.note(
        pass.place,
        'nginx did not verify the certificate of this target, Manis does: set tls.caPem, or tls.verify: false',
      );
    const servers = upstreams.get(authority)?.filter(({ name }) => name === 'server');
    const labels = servers
      ? servers.flatMap((server) => this.#upstream(server, scheme, hostHeader))
      : [this.#target(scheme, authority, { ...(hostHeader && { hostHeader }) })];
    this.#noteBalance(upstreams.get(authority) ?? []);
    return { targets: labels.map((url) => `${site} ${url}`), ...rewriteOf(prefix, path) };
  }

  #upstream(
    { words: [address = '', ...options], place }: Directive,
    scheme: string,
    hostHeader: string | undefined,
  ): string[] {
    const weight = options.map((one) => /^weight=(\d+)$/.exec(one)?.[1]).find(Boolean);
    if (options.includes('down')) {
      this.#server.draft.note(place, `${address} was down, and was left out`);
      return [];
    }
    const more = {
      ...(hostHeader && { hostHeader }),
      ...(weight && { weight: Number(weight) }),
      ...(options.includes('backup') && { priority: 1 }),
    };
    return [this.#target(scheme, address, more)];
  }

  #noteBalance(upstream: readonly Directive[]): undefined {
    for (const { name, place } of upstream)
      if (name === 'ip_hash' || name === 'hash')
        this.#server.draft.note(place, 'set sticky: client-address, or cookie');
      else if (name !== 'server' && name !== 'least_conn') this.#server.draft.note(place, reasonFor(name));
  }

  #target(scheme: string, authority: string, more: JsonObject): string {
    const unix = /^unix:([^:]+):?$/.exec(authority);
    const url = unix ? `unix:${unix[1]}` : `${scheme.replace(/^grpcs$/, 'h2').replace(/^grpc$/, 'h2c')}://${authority}`;
    if (!this.#targets.some((target) => target['url'] === url))
      this.#targets.push({ site: this.#server.site, url, ...more });
    return url;
  }

  #fields(block: readonly Directive[]): JsonObject {
    const headers = headersOf(block, this.#server.draft);
    return headers ? { headers } : {};
  }

  #rewrite(
    { words: [regex = '', to = '', flag = ''], place }: Directive,
    isPassed: boolean,
    route: Mutable,
  ): undefined {
    const { draft, host } = this.#server;
    const template = templateOf(to, host);
    if (template === undefined) return draft.note(place, `${to}: a variable that is not known here`);
    if (flag === 'redirect' || flag === 'permanent' || /^https?:/.test(to)) {
      const status = flag === 'permanent' ? 301 : 302;
      const name = this.#freeName(`rewrite ${regex}`.slice(0, 64));
      this.#routes.push({
        name,
        priority: EXACT,
        when: { path: { regex: wholePath(regex) } },
        redirect: { to: template, status },
      });
    } else if (isPassed) route['replaceRegex'] = { regex, with: template };
    else draft.note(place, 'a rewrite within nginx, without proxy_pass beside it');
  }

  /** `allow` and `deny`, which nginx asks in order, restrict; who may come in is still to be said. */
  #access(block: readonly Directive[], path: Json | undefined): undefined {
    const rules = block.filter(({ name }) => name === 'allow' || name === 'deny');
    for (const { words, place } of block.filter(({ name }) => name === 'auth_basic'))
      if (words[0] !== 'off')
        this.#server.draft.note(
          place,
          'let the policy admit credentials: [header], and make a credential for each user',
        );
    const isClosed = rules.at(-1)?.name === 'deny' && rules.at(-1)?.words[0] === 'all';
    const addresses = rules.filter(({ name, words }) => name === (isClosed ? 'allow' : 'deny') && words[0] !== 'all');
    if (addresses.length === 0) return;
    const ip = addresses.map(({ words }) => words[0] ?? '');
    const where = { ip };
    const condition = isClosed ? { not: where } : where;
    const id = `addresses-${this.#rules.length + 1}`;
    const when = path === undefined ? condition : { all: [{ path }, condition] };
    const name = isClosed ? 'From other addresses' : 'From these addresses';
    this.#rules.push(rule(id, name, when, { kind: 'deny' }));
  }

  #noteRest(block: readonly Directive[]): undefined {
    for (const { name, place } of block) if (!READ.includes(name)) this.#server.draft.note(place, reasonFor(name));
  }

  #freeName(name: string): string {
    const taken = this.#routes.filter((route) => String(route['name']).startsWith(name)).length;
    return taken === 0 ? name : `${name.slice(0, 58)} (${taken + 1})`;
  }

  /** One way for everything, without a word on it, needs no route. */
  #simplified(): Mutable[] {
    const [only, ...others] = this.#routes;
    const forward = only?.['forward'] as JsonObject | undefined;
    const isPlain = only !== undefined && others.length === 0 && only['when'] === undefined && forward !== undefined;
    return isPlain && Object.keys(forward).every((key) => key === 'targets') ? [] : this.#routes;
  }
}

/** Locations, those within others too. */
function flat(block: readonly Directive[]): Directive[] {
  const own = block.filter(({ name }) => name === 'location');
  return own.flatMap((location) => [location, ...flat(location.block ?? [])]);
}

function whenOf(operator: string, path: string): { readonly path: JsonObject } {
  if (operator === '=') return { path: { exact: path } };
  if (operator === '~') return { path: { regex: wholePath(path) } };
  if (operator === '~*') return { path: { regex: wholePath(path), ignoreCase: true } };
  return { path: { prefix: path.length > 1 ? path.replace(/\/$/, '') : path } };
}

function priorityOf(operator: string, at: number): number | undefined {
  if (operator === '=') return EXACT;
  if (operator === '^~') return BEFORE_REGEX;
  return operator.startsWith('~') ? REGEX - at : undefined;
}

/** What `location /api/ { proxy_pass http://b/v1/; }` makes of a path. */
function rewriteOf(prefix: string | undefined, path: string | undefined): JsonObject {
  if (path === undefined || prefix === undefined || prefix === path) return {};
  const bare = prefix.replace(/\/$/, '') || '/';
  if (bare === '/') return path === '/' ? {} : { replacePrefix: { prefix: '/', with: path.replace(/\/$/, '') } };
  return path === '/' ? { stripPrefix: bare } : { replacePrefix: { prefix: bare, with: path.replace(/\/$/, '') } };
}

/** A rewrite that was found goes into the action, and not beside it. */
function asForward(route: Mutable): JsonObject {
  const { replaceRegex } = route;
  delete route['replaceRegex'];
  return replaceRegex === undefined ? {} : { replaceRegex };
}
