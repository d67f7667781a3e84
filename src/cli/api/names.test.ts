import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlApi } from './control-api.ts';
import { namesIn, withNames } from './names.ts';

const id = (prefix: string, n: number) => `${prefix}_${String(n).padStart(26, '0')}`;

/** Control as names are asked of it; what it refuses is what is not there. */
function control(lists: Readonly<Record<string, readonly object[]>>, singly: readonly string[] = Object.keys(lists)) {
  const asked: string[] = [];
  const api = {
    async get(path: string, { params }: { readonly params: { readonly path: { readonly id: string } } }) {
      asked.push(path);
      const list = singly.includes(path.replace('/{id}', '')) ? lists[path.replace('/{id}', '')] : undefined;
      const found = list?.find((item) => Reflect.get(item, 'id') === params.path.id);
      if (!found) throw new Error('not there');
      return found;
    },
    async list(path: string) {
      asked.push(path);
      return lists[path] ?? assert.fail();
    },
  };
  return { api: api as unknown as ControlApi, asked };
}

test('ids are told by the names of what they are of; what nobody tells stays', async () => {
  const sites = [0, 1, 2, 3, 4, 5].map((n) => ({ id: id('sit', n), name: `site ${n}` }));
  const { api, asked } = control({ '/sites': sites, '/users': [{ id: id('usr', 1), email: 'ann@example.com' }] });
  const value = [{ id: id('pop', 9), siteId: id('sit', 1), actor: `user:${id('usr', 1)}`, gone: id('sit', 7) }];
  const nameOf = await namesIn(api, value);
  const text = `${id('sit', 1)} user:${id('usr', 1)} ${id('sit', 7)} ${id('pop', 9)}`;
  assert.equal(withNames(text, nameOf), `site 1 user:ann@example.com ${id('sit', 7)} ${id('pop', 9)}`);
  assert.deepEqual(
    asked.toSorted(),
    ['/sites/{id}', '/sites/{id}', '/users/{id}'],
    'a thing’s own id is asked for nowhere',
  );
});

test('many are read from a list, and so are those that have nothing else', async () => {
  const sites = [0, 1, 2, 3, 4, 5].map((n) => ({ id: id('sit', n), name: `site ${n}` }));
  const many = control({ '/sites': sites });
  const nameOf = await namesIn(many.api, { siteIds: sites.map((site) => site.id) });
  assert.equal(withNames(id('sit', 5), nameOf), 'site 5');
  assert.deepEqual(many.asked, ['/sites']);
  const alone = control({ '/invitations': [{ id: id('inv', 1), email: 'zoe@example.com' }] }, []);
  const invited = await namesIn(alone.api, { subject: id('inv', 1) });
  assert.equal(withNames(id('inv', 1), invited), 'zoe@example.com');
});
