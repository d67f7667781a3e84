import { z } from 'zod';
import { setDraining } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { id, idParams } from './schemas.ts';

const answer = z.object({ id, draining: z.boolean() });

/** Nodes that an administrator can empty. */
interface Drainable {
  readonly nodes: 'pops' | 'connectors';
  /** Of the audit: `pop.drain`. */
  readonly noun: string;
  /** For people. */
  readonly title: string;
}

/** `POST /pops/:id/drain` and `/resume`: the node goes on running and gets no new work, or gets it again. */
export function drainRoutes(api: Api, { control }: ApiContext, { nodes, noun, title }: Drainable): void {
  const isPop = nodes === 'pops';
  for (const verb of ['drain', 'resume'] as const) {
    const summary = verb === 'drain' ? `Give a ${title} no new work` : `Give a drained ${title} work again`;
    api.post(
      `/${nodes}/:id/${verb}`,
      {
        config: { access: isPop ? 'pop.write' : 'site.write' },
        schema: { tags: [nodes], summary, params: idParams, response: { 200: answer } },
      },
      async (request) => {
        const { id: nodeId } = request.params;
        const draining = verb === 'drain';
        const organisationId = isPop ? undefined : organisationOf(request);
        return publishChange(control, principalOf(request), async (transaction) => {
          if (!(await setDraining(transaction, nodes, organisationId, nodeId, draining))) throw notFound(title, nodeId);
          return { value: { id: nodeId, draining }, note: { action: `${noun}.${verb}`, subject: nodeId } };
        });
      },
    );
  }
}
