import type { GrantedTarget } from './records.ts';

/** A target that connections are opened to. */
export type DialledTarget = GrantedTarget & { readonly transport?: 'unix' };

/** Whether connections are opened to a target, and not datagrams sent: whether anybody takes those cannot be checked. */
export function isDialled(target: GrantedTarget): target is DialledTarget {
  return target.transport !== 'udp';
}
