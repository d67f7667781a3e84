/** Shows an address in the browser of whoever sits here, where there is one. */
import { spawn } from 'node:child_process';

const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
};

/** Nothing is told where there is none: the address is printed anyhow. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const [command = 'xdg-open', ...words] = COMMANDS[platform] ?? ['xdg-open'];
  const child = spawn(command, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
