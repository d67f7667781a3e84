/**
 * What becomes of a header field on the way to a backend, by its name.
 *
 * | verdict | fields |
 * |---|---|
 * | keep | end to end |
 * | hop-by-hop | of this connection alone (RFC 9110 section 7.6.1) |
 * | identity | who the client is, where it came from and what it asks for: only Manis says that |
 * | believed | the same for some backends alone; a rule may say it, too |
 * | twin | a second spelling of a field that counts, as `Content_Length` |
 * | host, cookie, connection | looked at and written anew |
 */
export type HeaderVerdict = 'keep' | 'hop-by-hop' | 'identity' | 'believed' | 'twin' | 'host' | 'cookie' | 'connection';

const HOP_BY_HOP = [
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Names that backends believe about the client. Whole families are in `IDENTITY_FAMILIES`. */
const IDENTITY = [
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'x-envoy-external-address',
  'client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-azure-clientip',
  'x-host',
  'x-http-host-override',
  'x-rewrite-url',
  'x-url-scheme',
  'x-scheme',
  'front-end-https',
  'remote-user',
  'remote-email',
  'remote-name',
  'remote-groups',
  'remote-addr',
  'x-remote-user',
  'x-remote-email',
  'x-remote-name',
  'x-remote-groups',
  'x-client-cert',
  'x-client-verify',
  'x-client-dn',
  'cf-connecting-ipv6',
  // What a proxy in front writes of a client's certificate, and must not let through (RFC 9440 section 2.4).
  ...['client-cert', 'client-cert-chain'],
  // CGI makes HTTP_PROXY of it, which many programs take for their own proxy (CVE-2016-5385, "httpoxy").
  'proxy',
];
/**
 * Names by which a request asks to be taken for one with another method. Manis judges and passes on the method of the
 * request line, so the backend must not do another (a field `_method` in a query or body is the application's own matter).
 */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];
/**
 * Families of names that other proxies in front of a backend write (oauth2-proxy, Authentik, Pomerium, Google IAP, AWS
 * ALB, Azure, Cloudflare Access, Tailscale, TLS-terminating servers): one that was moved behind Manis may believe them still.
 */
const IDENTITY_FAMILIES = [
  ...['x-forwarded', 'x-original-', 'x-manis-', 'x-auth-request-', 'x-authenticated-', 'x-webauth-', 'x-authentik-'],
  ...['x-pomerium-', 'x-goog-authenticated-', 'x-goog-iap-', 'x-amzn-oidc-', 'x-ms-client-principal', 'x-ms-token-'],
  ...['x-ssl-client-', 'ssl-client-', 'cf-access-', 'tailscale-user-'],
];
/**
 * Names that some backends believe of what is in front of them, and that a rule may write for such a backend: the front of
 * the Kubernetes API, Kong, Vouch, Envoy, Azure and Google gateways; where an application is mounted, of which it makes links
 * that others may be given from a cache; and requests that Next.js takes for its own, already checked (CVE-2025-29927).
 */
const BELIEVED = [
  ...['x-remote-group', 'x-anonymous-consumer', 'x-jwt-assertion', 'x-endpoint-api-userinfo'],
  ...['x-apigateway-api-userinfo', 'x-arr-clientcert', 'x-tls-client-cert', 'x-envoy-internal'],
  ...['x-envoy-original-path', 'x-envoy-original-host', 'x-script-name', 'script-name', 'x-ingress-path'],
  ...['x-middleware-subrequest', 'x-middleware-subrequest-id'],
];
const BELIEVED_FAMILIES = ['x-remote-extra-', 'x-consumer-', 'x-credential-', 'x-vouch-', 'x-appengine-user-'];

const FAMILIES = [
  ...IDENTITY_FAMILIES.map((family) => [family, 'identity'] as const),
  ...BELIEVED_FAMILIES.map((family) => [family, 'believed'] as const),
];
const FAMILY_INITIALS: ReadonlySet<number> = new Set(FAMILIES.map(([family]) => family.charCodeAt(0)));

/** End-to-end fields whose second spelling could be taken for the first. */
const SENSITIVE = [
  'authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'expect',
  'origin',
  'trailer',
  'sec-websocket-key',
];

const BY_NAME = new Map<string, HeaderVerdict>([
  ...HOP_BY_HOP.map((name) => [name, 'hop-by-hop'] as const),
  ...[...IDENTITY, ...METHOD_OVERRIDES].map((name) => [name, 'identity'] as const),
  ...BELIEVED.map((name) => [name, 'believed'] as const),
  ...SENSITIVE.map((name) => [name, 'keep'] as const),
  ['host', 'host'],
  ['cookie', 'cookie'],
  ['connection', 'connection'],
]);

/**
 * The verdict on a field name in whatever spelling. Backends that turn fields into variables (CGI, RFC 3875 section
 * 4.1.18, and its heirs) make one name of `X-Real-IP`, `X_Real_IP` and `x.real.ip`, so every character but letters and
 * digits counts as a hyphen.
 */
export function verdictOn(name: string): HeaderVerdict {
  const lower = name.toLowerCase();
  const folded = isFolded(lower) ? lower : lower.replace(/[^a-z0-9]/g, '-');
  const verdict = BY_NAME.get(folded);
  if (verdict === undefined) return verdictOnFamily(folded);
  return folded === lower || isSaidByFront(verdict) ? verdict : 'twin';
}

/** Whether a client has no business to say it, in whatever spelling. */
export function isSaidByFront(verdict: HeaderVerdict): boolean {
  return verdict === 'identity' || verdict === 'believed';
}

function isFolded(lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    const isPlain = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
    if (!isPlain) return false;
  }
  return true;
}

function verdictOnFamily(folded: string): HeaderVerdict {
  if (!FAMILY_INITIALS.has(folded.charCodeAt(0))) return 'keep';
  for (const [family, verdict] of FAMILIES) if (folded.startsWith(family)) return verdict;
  return 'keep';
}

/** Fields that a Connection field cannot take away: that would change what the message means. */
const NEVER_LISTED: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'cookie',
  'authorization',
  'origin',
  'set-cookie',
]);

/** Adds the names that one Connection field lists to those listed so far; undefined while there are none. */
export function addListed(value: string, listed: Set<string> | undefined): Set<string> | undefined {
  let names = listed;
  for (const option of value.split(',')) {
    const name = option.trim().toLowerCase();
    if (name === '' || name === 'close' || name === 'keep-alive' || name === 'upgrade') continue;
    if (NEVER_LISTED.has(name)) continue;
    names ??= new Set();
    names.add(name);
  }
  return names;
}
