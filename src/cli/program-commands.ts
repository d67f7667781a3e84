/**
 * The programs that run for as long as a node lives. Each is loaded when it is run, so that a process holds its own parts
 * alone: not even the commands that manage things.
 */
import type { CommandDef } from 'citty';
import { group, leaf } from './command.ts';
import { connectorSettings, controlSettings, demoSettings, popSettings, upSettings } from './config/programs.ts';
import { settingsOf } from './config/value.ts';
import type { Environment } from './environment.ts';
import { styleFor } from './terminal/style.ts';

export type ProgramName = 'up' | 'control' | 'pop' | 'connector' | 'demo' | 'prepare';

/** The tree with programs alone, where the command line begins one; undefined where it asks for anything else. */
export function programOf(environment: Environment, [name, second]: readonly string[]): CommandDef | undefined {
  if (second !== undefined && !second.startsWith('-')) return undefined;
  const programs: Readonly<Record<string, CommandDef>> = programCommands(environment);
  const program = name !== undefined && Object.hasOwn(programs, name) ? programs[name] : undefined;
  return program && group('manis', '', { [name as string]: program });
}

export function programCommands(environment: Environment): Record<ProgramName, CommandDef> {
  const style = styleFor(process.stdout, environment);
  return {
    up: leaf(environment, {
      name: 'up',
      description: 'Run a complete local network',
      settings: upSettings,
      run: async (settings) => (await import('./up/up.ts')).runUp(settings, style, environment.ofOthers),
    }),
    control: leaf(environment, {
      name: 'control',
      description: 'Run a control node',
      settings: controlSettings,
      run: async (settings) => (await import('./programs/control.ts')).runControl(settings),
    }),
    pop: leaf(environment, {
      name: 'pop',
      description: 'Run a point of presence; with a word, manage them',
      settings: popSettings,
      run: async (settings) => (await import('./programs/pop.ts')).runPop(settings),
    }),
    connector: leaf(environment, {
      name: 'connector',
      description: 'Run a connector; with a word, manage them',
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
    prepare: leaf(environment, {
      name: 'prepare',
      description: 'Compile what programs consist of, for those that are started afterwards',
      settings: settingsOf({}),
      hidden: true,
      run: async () => (await import('./programs/prepare.ts')).prepare(),
    }),
  };
}
