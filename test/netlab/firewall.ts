/** What a router lets through. Each fault is a rule that can be taken away again; without faults everything passes. */
import type { Host } from '../lab/host.ts';

export interface Fault {
  heal(): void;
}

/** `forward`: what passes through. `output`: what the router says itself, such as ICMP errors. */
type Chain = 'forward' | 'output';

const TABLE = 'faults';

export class Firewall {
  readonly #router: Host;
  readonly #rules = new Map<symbol, { readonly chain: Chain; readonly rule: string }>();

  constructor(router: Host) {
    this.#router = router;
    this.#apply();
  }

  /** Drops, silently, what fits a rule of nftables: `udp dport 51820`. */
  drop(rule: string, chain: Chain = 'forward'): Fault {
    return this.#add(chain, `${rule} drop`);
  }

  /** Refuses it with an ICMP error. */
  reject(rule: string): Fault {
    return this.#add('forward', `${rule} reject`);
  }

  /** Passes it on changed. */
  rewrite(rule: string): Fault {
    return this.#add('forward', rule);
  }

  healAll(): void {
    this.#rules.clear();
    this.#apply();
  }

  #add(chain: Chain, rule: string): Fault {
    const key = Symbol(rule);
    this.#rules.set(key, { chain, rule });
    this.#apply();
    return {
      heal: () => {
        if (this.#rules.delete(key)) this.#apply();
      },
    };
  }

  /** All rules anew, in one transaction: nothing passes in between that should not. */
  #apply(): void {
    const chain = (name: Chain): string => {
      const rules = [...this.#rules.values()].filter((one) => one.chain === name).map((one) => `    ${one.rule}\n`);
      return `  chain ${name} {\n    type filter hook ${name} priority 0;\n${rules.join('')}  }\n`;
    };
    const table = `table inet ${TABLE}`;
    const text = `${table}\ndelete ${table}\n${table} {\n${chain('forward')}${chain('output')}}\n`;
    this.#router.executeWithInput(text, 'nft', '-f', '-');
  }
}
