import { z } from 'zod';
import type { Json } from '../../../core/blueprint/index.ts';
import { LIST_KINDS, type NamedList, ProblemList, readNamedList } from '../../../core/policy/index.ts';
import { listNamedLists } from '../../../io/store/index.ts';
import { listName } from '../../api/policies.ts';
import { policyInvalid } from '../../api/policy-shapes.ts';
import type { NamedNoun, Names } from '../names.ts';
import { json, type Part } from '../part.ts';

type Entry = z.output<typeof shape>;
const shape = z.strictObject({
  kind: z.enum(LIST_KINDS),
  entries: z.array(z.union([z.string(), z.number()])).describe('of users: their e-mail addresses'),
});

export const lists: Part = {
  noun: 'lists',
  permission: 'policy.read',
  shape,
  nameShape: listName,
  async stored({ queries, organisationId, names }) {
    return (await listNamedLists(queries, organisationId)).map((row) => {
      const list = JSON.parse(row.list) as NamedList;
      const fields = {
        kind: list.kind,
        entries: ofUsers(list.kind, list.entries, (one) => names.nameOf('users', one)),
      };
      return { noun: 'lists', id: row.name, name: row.name, source: row.source ?? null, fields };
    });
  },
  async wanted(name, entry, _before, { names }) {
    const { kind, entries } = entry as Entry;
    const problems = new ProblemList();
    const ids = ofUsers(kind, entries, (one) => names.find('users', one) ?? one);
    const list = readNamedList({ kind, entries: ids }, '', problems);
    if (!list || problems.problems.length > 0) throw policyInvalid(problems.problems, '');
    const fields = json({ kind, entries: ofUsers(kind, list.entries, (one) => names.nameOf('users', one)) });
    return { noun: 'lists', name, fields };
  },
  entryOf: ({ fields }) => fields,
  async create(calls, { name, fields }) {
    const { kind, entries } = fields as Entry;
    await calls.put(`/lists/${name}`, { kind, entries: idsOf(kind, entries, calls.names) });
    return name;
  },
  async update(calls, wanted) {
    return this.create(calls, wanted);
  },
  remove: (calls, { name }) => calls.remove(`/lists/${name}`),
};

const idsOf = (kind: string, entries: readonly Json[], names: Names): Json =>
  ofUsers(kind, entries, (one) => names.find('users' satisfies NamedNoun, one) ?? one);

function ofUsers(kind: string, entries: readonly Json[], word: (entry: string) => string): Json {
  if (kind !== 'users') return [...entries];
  return entries.map((entry) => (typeof entry === 'string' ? word(entry) : entry));
}
