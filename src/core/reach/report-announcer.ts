import type { PopReport, PopReportNews } from '../link/index.ts';

/** What is said over one stream of how a PoP is: whom it hears as a whole first, then what changed. */
export class ReportAnnouncer {
  #said: readonly string[] = [];
  #sequence = 0;

  /** The next message that tells this. */
  next({ draining, load, hears, prefixes }: PopReport): PopReportNews & { readonly sequence: number } {
    const change = changeOf(this.#said, hears);
    this.#said = hears;
    this.#sequence++;
    return {
      sequence: this.#sequence,
      draining,
      load,
      ...(change && { hears: change }),
      ...(prefixes.length > 0 && { prefixes }),
    };
  }
}

function changeOf(before: readonly string[], now: readonly string[]): PopReportNews['hears'] {
  if (before === now) return undefined;
  const [known, heard] = [new Set(before), new Set(now)];
  const put = now.filter((id) => !known.has(id));
  const remove = before.filter((id) => !heard.has(id));
  return put.length > 0 || remove.length > 0 ? { put, remove } : undefined;
}
