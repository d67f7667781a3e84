/** Runs short commands of the machine (`ip`, `wg`, `nft`) to their end. */
import { execFileSync } from 'node:child_process';

/** A command ended badly; the message holds the command line and what it said. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** Runs a command and gives its standard output without the last line end. */
export function execute(command: string, args: readonly string[], input?: string): string {
  try {
    const stdio = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] as const;
    return execFileSync(command, args, { encoding: 'utf8', stdio: [...stdio], input }).trimEnd();
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new CommandFailure(`${command} ${args.join(' ')}: ${stderr?.trim() || message}`);
  }
}

/** The same, where failing is fine: what is to be removed may be gone already. */
export function attempt(command: string, args: readonly string[]): void {
  try {
    execute(command, args);
  } catch {
    // Gone already.
  }
}
