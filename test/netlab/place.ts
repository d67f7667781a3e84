/** Where programs run: a host of a lab, or this machine. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Host, SpawnOptions } from '../lab/host.ts';
import { HostProcess } from '../lab/host-process.ts';

export type Place = Pick<Host, 'spawn' | 'spawnNode'>;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** This machine. Whoever starts something here stops it. */
export const THIS_MACHINE: Place = {
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): HostProcess {
    const stdio = ['ignore', 'pipe', 'pipe', ...(options.channel ? (['ipc'] as const) : [])] as const;
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...options.env }, stdio: [...stdio] });
    return new HostProcess(child, command);
  },
  spawnNode(file: string, args: readonly string[] = [], nodeFlags: readonly string[] = []): HostProcess {
    const flags = ['--disable-warning=ExperimentalWarning', ...nodeFlags];
    return THIS_MACHINE.spawn(process.execPath, [...flags, file, ...args], { channel: true });
  },
};
