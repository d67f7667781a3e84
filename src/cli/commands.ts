/** The tree of commands. A program is loaded when it is run, so that each process holds its own parts alone. */
import type { CommandDef } from 'citty';
import { group, leaf } from './command.ts';
import { connectorSettings, controlSettings, demoSettings, popSettings, upSettings } from './config/programs.ts';
import type { Environment } from './environment.ts';
import { createStyle } from './terminal/style.ts';

export function createCommands(environment: Environment): CommandDef {
  const style = createStyle(process.stdout.isTTY === true && !environment.noColor);
  return group('manis', 'Publishes private applications to the people who may use them', {
    up: leaf(environment, {
      name: 'up',
      description: 'Run a complete local network',
      settings: upSettings,
      run: async (settings) => (await import('./up/up.ts')).runUp(settings, style),
    }),
    control: leaf(environment, {
      name: 'control',
      description: 'Run a control node',
      settings: controlSettings,
      run: async (settings) => (await import('./programs/control.ts')).runControl(settings),
    }),
    pop: leaf(environment, {
      name: 'pop',
      description: 'Run a point of presence',
      settings: popSettings,
      run: async (settings) => (await import('./programs/pop.ts')).runPop(settings),
    }),
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
