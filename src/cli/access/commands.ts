/** `manis access`: what is reached with a program in place of a browser. */
import type { CommandDef } from 'citty';
import { group, leaf } from '../command.ts';
import type { Environment } from '../environment.ts';
import { accessSettings } from './settings.ts';

export function accessCommands(environment: Environment): CommandDef {
  return group('access', 'Reach what is no web page, signed in with your browser', {
    tcp: leaf(environment, {
      name: 'tcp',
      description: 'Carry a local port, or standard input and output, to a resource',
      settings: accessSettings,
      positionals: ['host'],
      run: async (settings, [host = '']) => (await import('./access-tcp.ts')).runAccessTcp(settings, host),
    }),
  });
}
