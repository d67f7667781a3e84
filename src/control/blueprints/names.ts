/** Names in place of ids, and back. */
import { type NounName, TITLES } from '../../core/blueprint/index.ts';
import { ControlFailure } from '../problems.ts';

export type NamedNoun = NounName | 'users' | 'ownCertificates';

const OTHER_TITLES = { users: 'member', ownCertificates: 'certificate of your own' } as const;

export class Names {
  readonly #names = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  add(noun: NamedNoun, id: string, name: string): void {
    this.#names.set(`${noun} ${id}`, name);
    this.#ids.set(`${noun} ${name}`, id);
  }

  forget(noun: NamedNoun, name: string): void {
    this.#ids.delete(`${noun} ${name}`);
  }

  /** The id itself where nothing has it: a rule may speak of what is gone. */
  nameOf(noun: NamedNoun, id: string): string {
    return this.#names.get(`${noun} ${id}`) ?? id;
  }

  find(noun: NamedNoun, name: string): string | undefined {
    return this.#ids.get(`${noun} ${name}`);
  }

  /** Failure `name-unknown`, which names the place. */
  idOf(noun: NamedNoun, name: string, path: string): string {
    const id = this.find(noun, name);
    if (id !== undefined) return id;
    const title = noun === 'users' || noun === 'ownCertificates' ? OTHER_TITLES[noun] : TITLES[noun];
    const problems = [{ path, expected: `the name of a ${title}`, found: JSON.stringify(name) }];
    throw new ControlFailure('name-unknown', `${path}: there is no ${title} ${JSON.stringify(name)}`, { problems });
  }
}

/** Rows with names that no two have: a second `wiki` is `wiki #2`, in the order in which they were made. */
export function named<Row extends { readonly name: string }>(rows: readonly Row[]): [name: string, row: Row][] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const count = (seen.get(row.name) ?? 0) + 1;
    seen.set(row.name, count);
    return [count === 1 ? row.name : `${row.name} #${count}`, row];
  });
}
