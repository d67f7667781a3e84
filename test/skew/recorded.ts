/** What a network of the previous version left behind: the data folders of its nodes, as `npm run skew -- --record` keeps them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const RECORDED = join(import.meta.dirname, 'recorded.tar.gz');
/** Nodes are enrolled with their addresses, so these cannot be chosen anew. Below those that other tests choose from. */
export const RECORDED_PORT_BASE = 19_430;
const NODES = ['control', 'pop-1', 'pop-2', 'connector'];

/** Of a network that was stopped. */
export function record(folder: string): void {
  tar(['-czf', RECORDED, '--exclude=cache', '-C', folder, ...NODES]);
}

export function unpack(folder: string): void {
  mkdirSync(folder, { recursive: true });
  tar(['-xzf', RECORDED, '-C', folder]);
}

function tar(args: readonly string[]): void {
  const { status, stderr } = spawnSync('tar', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar ${args.join(' ')}: ${stderr}`);
}
