/** The tree of commands. A program is loaded when it is run, so that each process holds its own parts alone. */
import type { CommandDef } from 'citty';
import { group, leaf } from './command.ts';
import { connectorSettings, demoSettings } from './config/programs.ts';
import type { Environment } from './environment.ts';

export function createCommands(environment: Environment): CommandDef {
  return group('manis', 'Publishes private applications to the people who may use them', {
    connector: leaf(environment, {
      name: 'connector',
      description: 'Run a connector beside private applications',
      settings: connectorSettings,
      run: async (settings) => (await import('./programs/connector.ts')).runConnector(settings),
    }),
    demo: leaf(environment, {
      name: 'demo',
      description: 'Run the demo application',
      settings: demoSettings,
      hidden: true,
      run: async (settings) => (await import('./programs/demo.ts')).runDemo(settings),
    }),
  });
}
