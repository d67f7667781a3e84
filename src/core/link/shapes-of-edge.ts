/** Shapes of the records in `records-of-edge.ts`. */
import { boolean, type Check, id, integer, object, optional, string } from './shape.ts';

const strictTransport = object({
  isSaid: boolean,
  maxAgeSeconds: optional(integer()),
  includesSubDomains: optional(boolean),
  preload: optional(boolean),
});

const domain = object({
  id,
  organisationId: id,
  name: string(),
  token: string(64),
  isZone: optional(boolean),
  isVerified: optional(boolean),
  strictTransport: optional(strictTransport),
});

const ticketSecret = object({ id, secret: string(64) });

export const EDGE_SHAPES: Readonly<Record<string, Check>> = { domain, ticketSecret };
