/**
 * What a test with foreign software needs from the machine. Missing: the test is skipped with the reason. In CI, as
 * root on Debian, everything can be installed, so there a missing tool fails the test.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';

/** `root`, a path such as `/dev/net/tun`, or the name of a command. */
export type Requirement = string;

const isRoot = (): boolean => process.getuid?.() === 0;

/** The first thing that is missing, in words, or undefined. */
export function missingRequirement(requirements: readonly Requirement[]): string | undefined {
  for (const requirement of requirements) {
    if (requirement === 'root') {
      if (!isRoot()) return 'needs root';
    } else if (requirement.startsWith('/')) {
      if (!existsSync(requirement)) return `needs ${requirement}`;
    } else if (!isCommand(requirement)) {
      return `needs the command ${requirement}`;
    }
  }
  return undefined;
}

/** Whether a missing tool is a failure here. */
export function mustHaveTools(): boolean {
  return process.env['CI'] === 'true' && isRoot() && existsSync('/etc/debian_version');
}

/** True if the test can run. Else it is skipped with the reason, or, where tools must be there, an error is thrown. */
export function requireTools(t: Pick<TestContext, 'skip'>, requirements: readonly Requirement[]): boolean {
  const missing = missingRequirement(requirements);
  if (missing === undefined) return true;
  if (mustHaveTools()) throw new Error(`${missing}; in CI nothing is skipped`);
  t.skip(missing);
  return false;
}

function isCommand(name: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
