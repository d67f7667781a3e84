import { Failure } from '../base/index.ts';
import { type ControlNodesTable, listControlNodes, type Queries } from '../io/store/index.ts';
import { NODE_SILENT_MS } from './constants.ts';

/** What all control nodes over one store have to say alike: each publishes it to every PoP. */
export interface SharedSettings {
  readonly portalHost: string;
  readonly publicPort: number;
}

export const asRow = ({ portalHost, publicPort }: SharedSettings) => ({
  portal_host: portalHost,
  public_port: publicPort,
});

/**
 * Refuses to start with other settings than another control node that is alive: PoPs would be told one thing and another
 * in turns. Those that are stopped have no say, so the settings of all can be changed. Failure `control-settings-differ`.
 */
export async function requireSameSettings(
  queries: Queries,
  own: SharedSettings & { readonly controlId: string },
  nowUnixMs: number,
): Promise<void> {
  const others = (await listControlNodes(queries)).filter(
    // A node of before settings were written down has none.
    (node) => node.id !== own.controlId && node.portal_host !== '' && nowUnixMs - node.seen_unix_ms < NODE_SILENT_MS,
  );
  for (const other of others) {
    const [what, theirs, ours] = difference(other, own) ?? [];
    if (what === undefined) continue;
    throw new Failure(
      'control-settings-differ',
      `the control node at ${other.url} runs with ${what} ${theirs}, this one was given ${ours}: give this one ${what} ${theirs}, or stop all control nodes and start them with the new one`,
    );
  }
}

function difference(
  other: ControlNodesTable,
  own: SharedSettings,
): [what: string, theirs: string | number, ours: string | number] | undefined {
  if (other.portal_host !== own.portalHost) return ['--portal-host', other.portal_host, own.portalHost];
  if (other.public_port !== own.publicPort) return ['--public-port', other.public_port, own.publicPort];
  return undefined;
}
