/** `manis demo`: the demo application as a process of its own. */
import { once } from 'node:events';
import { createClock } from '../../io/clock.ts';
import type { DemoSettings } from '../config/programs.ts';
import { createDemoServer } from '../demo/server.ts';
import { runProgram } from './run-program.ts';

export function runDemo(settings: DemoSettings): Promise<void> {
  return runProgram('demo', { logLevel: 'info' }, async () => {
    const servers = settings.listen.map((endpoint) => ({ endpoint, server: createDemoServer(createClock()) }));
    await Promise.all(
      servers.map(async ({ endpoint, server }) => {
        server.listen(endpoint.port, endpoint.host);
        await once(server, 'listening');
      }),
    );
    const close = async () => {
      for (const { server } of servers) {
        server.close();
        server.closeAllConnections();
      }
    };
    return { details: {}, close };
  });
}
