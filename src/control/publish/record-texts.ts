import { faultInRecord, type LinkRecord, type RecordReference, recordKey } from '../../core/link/index.ts';

/** What a publication changes. */
export interface RecordChanges {
  readonly put: readonly LinkRecord[];
  readonly remove: readonly RecordReference[];
  /** Of `put`. */
  readonly texts: readonly string[];
}

/**
 * Text of each record that is published. Records are built field by field in one order, so equal ones spell the same:
 * what is compared is text, which is cheaper than digests.
 */
export class RecordTexts {
  #texts = new Map<string, string>();
  readonly #unfit: (key: string, fault: string) => void;

  /** @param unfit told of a record that no PoP would take */
  constructor(unfit: (key: string, fault: string) => void) {
    this.#unfit = unfit;
  }

  /**
   * What these records change.
   *
   * @param named records that may be there and are gone where they are not among these; undefined: all others are gone
   */
  changes(records: readonly LinkRecord[], named: readonly RecordReference[] | undefined): RecordChanges {
    const put: LinkRecord[] = [];
    const texts: string[] = [];
    const here = new Set<string>();
    const unfit: RecordReference[] = [];
    for (const record of records) {
      const key = recordKey(record);
      const text = JSON.stringify(record);
      const isSame = this.#texts.get(key) === text;
      if (!isSame && !this.#isFit(key, record)) {
        unfit.push({ kind: record.kind, id: record.id });
        continue;
      }
      here.add(key);
      if (isSame) continue;
      put.push(record);
      texts.push(text);
    }
    const gone = named ? [...named, ...unfit] : [...this.#texts.keys()].map(referenceOf);
    const remove = gone.filter((reference) => {
      const key = recordKey(reference);
      return this.#texts.has(key) && !here.has(key);
    });
    return { put, remove, texts };
  }

  /** Call when they are published. */
  take({ put, remove, texts }: RecordChanges): void {
    for (const reference of remove) this.#texts.delete(recordKey(reference));
    for (const [i, record] of put.entries()) this.#texts.set(recordKey(record), texts[i] ?? '');
  }

  /** One that PoPs would refuse is left out: it must not stand in the way of all others. */
  #isFit(key: string, record: LinkRecord): boolean {
    const fault = faultInRecord(record);
    if (fault !== undefined) this.#unfit(key, fault);
    return fault === undefined;
  }
}

function referenceOf(key: string): RecordReference {
  const slash = key.indexOf('/');
  return { kind: key.slice(0, slash) as RecordReference['kind'], id: key.slice(slash + 1) };
}
