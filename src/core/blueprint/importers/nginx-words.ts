/** Directives of nginx that need no translation: what stands for them, or why nothing has to. */

const OWN_WORK = 'not needed: Manis does this itself';
const OWN_TLS = 'not needed: Manis orders certificates and speaks TLS itself (docs/certificates.md)';
const BUFFERS = 'not needed: bodies are passed on as they come';
const STATIC = 'Manis publishes applications, not files: let a web server serve them, and make it a target';

const NEEDLESS: Readonly<Record<string, string>> = {
  ...{ proxy_http_version: OWN_WORK, proxy_redirect: OWN_WORK, http2: OWN_WORK, server_tokens: OWN_WORK },
  ...{
    keepalive: OWN_WORK,
    keepalive_timeout: OWN_WORK,
    keepalive_requests: OWN_WORK,
    zone: OWN_WORK,
    resolver: OWN_WORK,
  },
  ...{ tcp_nodelay: OWN_WORK, tcp_nopush: OWN_WORK, sendfile: OWN_WORK, default_type: OWN_WORK, types: OWN_WORK },
  ...{ proxy_buffering: BUFFERS, proxy_request_buffering: BUFFERS, proxy_buffers: BUFFERS, proxy_buffer_size: BUFFERS },
  ...{ proxy_busy_buffers_size: BUFFERS, client_body_buffer_size: BUFFERS, proxy_max_temp_file_size: BUFFERS },
  ...{
    access_log: 'see the request log and the audit',
    error_log: 'see manis pop --log-level',
    log_format: 'see the request log',
  },
  ...{ proxy_connect_timeout: 'Manis has a fixed time to connect: docs/limits.md', proxy_send_timeout: OWN_WORK },
  ...{ proxy_next_upstream: 'requests that are safe to repeat are tried elsewhere', proxy_ssl_server_name: OWN_WORK },
  ...{
    gzip_vary: OWN_WORK,
    gzip_proxied: OWN_WORK,
    gzip_comp_level: OWN_WORK,
    gzip_min_length: OWN_WORK,
    gzip_types: OWN_WORK,
  },
  ...{
    gzip_http_version: OWN_WORK,
    gzip_buffers: OWN_WORK,
    gzip_disable: OWN_WORK,
    chunked_transfer_encoding: OWN_WORK,
  },
  ...{
    real_ip_header: 'see docs/load-balancers.md',
    set_real_ip_from: 'see docs/load-balancers.md',
    real_ip_recursive: OWN_WORK,
  },
  ...{
    root: STATIC,
    index: STATIC,
    try_files: STATIC,
    alias: STATIC,
    autoindex: STATIC,
    expires: 'use add_header, or http.headers',
  },
  ...{ fastcgi_pass: STATIC, uwsgi_pass: STATIC, fastcgi_param: STATIC, include_fastcgi: STATIC },
  limit_req: 'use http.limits.perClient (docs/http-rules.md)',
  limit_req_zone: 'use http.limits.perClient (docs/http-rules.md)',
  limit_conn: 'use http.limits.concurrent (docs/http-rules.md)',
  error_page: 'use http.errorPages (docs/http-rules.md)',
  auth_basic_user_file: 'make a header credential for each user: manis credential add',
  auth_request: 'Manis asks who somebody is itself: give the resource a policy',
  auth_request_set: 'the target is told who it is in X-Manis-Assertion and its fellows',
  satisfy: 'write it as rules of the policy',
  proxy_cache: 'use http.cache (docs/http-rules.md)',
  proxy_cache_path: 'use http.cache (docs/http-rules.md)',
  proxy_cache_valid: 'use http.cache (docs/http-rules.md)',
  proxy_cache_bypass: 'use http.cache (docs/http-rules.md)',
  map: 'variables of maps are not known here',
  set: 'variables are not known here',
  if: 'conditions are not known here; use when of a route',
  sub_filter: 'answers are passed on as they are',
  worker_processes: OWN_WORK,
  worker_connections: OWN_WORK,
  user: OWN_WORK,
  pid: OWN_WORK,
  events: OWN_WORK,
};

/** Fields that PoPs write themselves, by the value that everybody gives them. */
const FORWARDED =
  /^(?:x-real-ip|x-forwarded-(?:for|proto|host|port|ssl|scheme|server)|forwarded|upgrade|connection|accept-encoding|x-url-scheme)$/i;

export function reasonFor(name: string): string {
  if (name.startsWith('ssl_') || name.startsWith('proxy_ssl_trusted')) return OWN_TLS;
  return NEEDLESS[name] ?? 'nothing in Manis stands for it, or it is not known here';
}

export function isForwardedField(name: string): boolean {
  return FORWARDED.test(name);
}

/** `10m` in bytes; 0: no bound. */
export function bytesOf(text: string): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  const unit = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(match?.[2] ?? '').toLowerCase()];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** `90s`, `5m` in milliseconds. */
export function millisecondsOf(text: string): number | undefined {
  const match = /^(\d+)(ms|s|m|h|d)?$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? 's'];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

const VARIABLES: Readonly<Record<string, string>> = {
  request_uri: '{path}',
  uri: '{path}',
  host: '{host}',
  http_host: '{host}',
};

/** A redirect's place as a template; undefined where it holds a variable that is not known. */
export function templateOf(text: string, host: string): string | undefined {
  let isKnown = true;
  const written = text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
    if (/^\d$/.test(name)) return `{${name}}`;
    if (name === 'scheme') return 'https';
    if (name === 'is_args' || name === 'args' || name === 'query_string') return '';
    if (name === 'host' || name === 'http_host' || name === 'server_name') return host;
    const word = VARIABLES[name];
    isKnown &&= word !== undefined;
    return word ?? '';
  });
  return isKnown ? written : undefined;
}
