import type { Clock, Random } from '../base/index.ts';
import { examine } from '../io/doctor/examine.ts';
import type { Log } from '../io/log.ts';
import type { OutboundSettings } from '../io/outbound/outbound-agents.ts';
import { ownAddresses } from '../io/own-addresses.ts';
import type { Unplugged } from '../io/udp/unplugged-socket.ts';
import { Examiner, type ExaminerOptions } from './examiner.ts';

interface Machine {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly software: string;
  readonly outbound?: OutboundSettings;
  readonly unplugged?: Unplugged;
}

/** An examiner that measures on this machine, the way out through its proxy included. */
export function openExaminer(
  { clock, random, log, software, outbound = {}, unplugged }: Machine,
  connectorId: string,
  parts: Pick<ExaminerOptions, 'grant' | 'isKept' | 'open'>,
): Examiner {
  return new Examiner({
    ...{ connectorId, software, clock, random, log, ...parts },
    addresses: ownAddresses,
    proxy: outbound.proxy?.url.host,
    measure: (pops, measuresSpeed) =>
      examine({
        ...{ pops, outbound, measuresSpeed, clock, random, unplugged },
        serverName: parts.grant()?.portalHost,
      }),
  });
}
