/**
 * An internet in a lab: one router with a line to each host or site; a site is a private network behind a router of its
 * own that translates addresses.
 *
 *     pop-1 ---.                       .--- connector
 *     pop-2 --- internet --- site ----+---- replica
 *     client --'           (NAT, fw)   '--- target
 */
import type { Host } from '../lab/host.ts';
import type { Lab, LinkEnd } from '../lab/lab.ts';
import { type Fault, Firewall } from './firewall.ts';

/**
 * `preserving`: one mapping per inner socket, as home routers make it. `symmetric`: another port for each peer, at
 * random, as carrier-grade NAT does it.
 */
export type NatKind = 'preserving' | 'symmetric';

const ETHERNET_MTU = 1500;
const IPV6_AND_TCP_BYTES = 60;

/** A host's line to its router. */
export interface Line {
  readonly host: Host;
  /** The host's end. */
  readonly end: LinkEnd;
  /** The router's end. */
  readonly routerEnd: LinkEnd;
}

abstract class Router {
  readonly host: Host;
  readonly firewall: Firewall;
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.host = lab.host();
    forward(this.host);
    this.firewall = new Firewall(this.host);
  }

  /** A new host with a line to this router, by which it reaches everything. */
  attach(host: Host = this.#lab.host()): Line {
    const link = this.#lab.link(host, this.host, { mtu: ETHERNET_MTU });
    host.ip('route', 'add', 'default', 'via', link.right.address);
    host.ip('-6', 'route', 'add', 'default', 'via', link.right.address6);
    return { host, end: link.left, routerEnd: link.right };
  }

  /** Nothing passes a line any more, and nobody is told. */
  cut({ routerEnd }: Line): Fault {
    const [incoming, outgoing] = ['iifname', 'oifname'].map((way) =>
      this.firewall.drop(`${way} ${routerEnd.interfaceName}`),
    );
    return both(incoming, outgoing);
  }

  /** Nothing passes between two hosts with lines to this router. */
  part(one: Line, other: Line, protocol = ''): Fault {
    const way = (from: Line, to: Line): Fault => {
      const names = `iifname ${from.routerEnd.interfaceName} oifname ${to.routerEnd.interfaceName}`;
      return this.firewall.drop(`${names} ${protocol}`);
    };
    return both(way(one, other), way(other, one));
  }

  /** No UDP passes a line. */
  dropUdp({ routerEnd }: Line): Fault {
    const [incoming, outgoing] = ['iifname', 'oifname'].map((way) =>
      this.firewall.drop(`${way} ${routerEnd.interfaceName} meta l4proto udp`),
    );
    return both(incoming, outgoing);
  }

  /**
   * Larger packets do not fit the line, and the ICMP errors that would say so are lost. TCP is told by its MSS, as
   * routers in front of PPPoE do it, so the operating system's own connections work.
   */
  mtuBlackHole({ routerEnd }: Line, mtu: number): Fault {
    this.host.ip('link', 'set', routerEnd.interfaceName, 'mtu', String(mtu));
    const clamped = ['iifname', 'oifname'].map((way) =>
      this.firewall.rewrite(
        `${way} ${routerEnd.interfaceName} tcp flags syn tcp option maxseg size set ${mtu - IPV6_AND_TCP_BYTES}`,
      ),
    );
    const errors = ['icmp type destination-unreachable', 'icmpv6 type packet-too-big'];
    const faults = errors.flatMap((rule) => [this.firewall.drop(rule), this.firewall.drop(rule, 'output')]);
    return {
      heal: () => {
        this.host.ip('link', 'set', routerEnd.interfaceName, 'mtu', String(ETHERNET_MTU));
        for (const fault of [...clamped, ...faults]) fault.heal();
      },
    };
  }
}

export class Internet extends Router {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    super(lab);
    this.#lab = lab;
  }

  /** A private network with one public address. */
  site(nat: NatKind): Site {
    const site = new Site(this.#lab, nat);
    site.connect(this);
    return site;
  }
}

export class Site extends Router {
  readonly #nat: NatKind;
  #line: Line | undefined;

  constructor(lab: Lab, nat: NatKind) {
    super(lab);
    this.#nat = nat;
  }

  /** The site's line to the internet. */
  get line(): Line {
    if (!this.#line) throw new Error('the site has no line to the internet');
    return this.#line;
  }

  connect(internet: Internet): void {
    this.#line = internet.attach(this.host);
    this.rebind(this.#nat === 'symmetric');
  }

  /** Forgets every mapping, as a router that restarts: what is sent next leaves by another port. */
  rebind(isRandom = true): void {
    const rule = `    oifname ${this.line.end.interfaceName} masquerade${isRandom ? ' random,fully-random' : ''}\n`;
    const chain = `  chain out {\n    type nat hook postrouting priority 100;\n${rule}  }\n`;
    for (const family of ['ip', 'ip6']) {
      const table = `table ${family} nat`;
      this.host.executeWithInput(`${table}\ndelete ${table}\n${table} {\n${chain}}\n`, 'nft', '-f', '-');
    }
    this.host.execute('conntrack', '-F');
  }
}

function forward(host: Host): void {
  for (const name of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'])
    host.executeWithInput('1', 'tee', `/proc/sys/net/${name}`);
}

function both(...faults: readonly (Fault | undefined)[]): Fault {
  return {
    heal: () => {
      for (const fault of faults) fault?.heal();
    },
  };
}
