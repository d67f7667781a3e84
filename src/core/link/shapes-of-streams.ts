/** The shape of the record in `records-of-streams.ts`. */
import { anyObject, boolean, type Check, id, integer, list, object, optional, string, tagged } from './shape.ts';

const port = integer(1, 65_535);
const range = { first: port, last: port } as const;

const transports: Check = tagged('transport', {
  tcp: object(range),
  udp: object({ ...range, idleMs: optional(integer(1_000, 86_400_000)) }),
  tls: object({ port: optional(port) }),
});

const listen: Check = (value, path) => anyObject(value, path) ?? transports(value, path);

const version: Check = (value, path) => (value === 1 || value === 2 ? undefined : path);

const target: Check = object({
  id,
  siteId: id,
  overlayPort: port,
  priority: integer(0, 1000),
  weight: integer(0, 1_000_000),
});

/** `balance` is the one of resources. */
export const streamResource = (balance: Check): Check =>
  object({
    id,
    organisationId: id,
    name: string(),
    host: optional(string()),
    enabled: boolean,
    listen,
    policy: anyObject,
    targets: list(target),
    balance: optional(balance),
    auditsAll: optional(boolean),
    proxyProtocol: optional(object({ from: optional(list(string(64), 256)), to: optional(version) })),
  });
