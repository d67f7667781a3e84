import type { Control } from './control.ts';

/** Where people open a host. */
export function publicUrl({ publicPort }: Pick<Control, 'publicPort'>, host: string): string {
  return `https://${host}${publicPort === 443 ? '' : `:${publicPort}`}/`;
}
