/** The commands of organisations, members, groups, invitations and keys against a control node. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCommand } from 'citty';
import { ControlWorld } from '../../testing/control-world.ts';
import { createCommands } from '../commands.ts';
import type { Environment } from '../environment.ts';

const world = new ControlWorld();
before(() => world.start());
after(() => world.end());

/** What a command prints, or why it does not. */
async function manis(line: string, variables: Record<string, string> = {}): Promise<string> {
  const own = { MANIS_URL: world.control.url, MANIS_CA: world.control.caFile, MANIS_TOKEN: world.apiToken };
  const environment: Environment = {
    variables: new Map(Object.entries({ ...own, ...variables })),
    noColor: true,
    ofOthers: {},
  };
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
  try {
    await runCommand(createCommands(environment), { rawArgs: line.split(' ') });
  } catch (error) {
    return (error as Error).message;
  } finally {
    process.stdout.write = write;
  }
  return written.join('').trim();
}

test('an organisation, its members, groups, invitations and keys, in words', async () => {
  assert.match(await manis('organisation add Acme --domains acme.example'), /domains +acme\.example/);
  assert.match(await manis('organisation list'), /Manis[\s\S]*Acme/);
  assert.match(await manis('organisation show --organisation Acme'), /name +Acme/);
  assert.match(
    await manis('organisation show --organisation None'),
    /"None" is none of yours; expected one of Manis, Acme/,
  );
  const inAcme = { MANIS_ORGANISATION: 'Acme' };
  assert.match(await manis('role add reader --permission site.read', inAcme), /permissions +site\.read/);
  assert.match(await manis('role update reader --permission site.read,user.read', inAcme), /site\.read, user\.read/);
  await manis('group add crew --role reader', inAcme);
  await manis('user add ann@acme.example', inAcme);
  assert.match(await manis('group put crew ann@acme.example', inAcme), /members +ann@acme\.example/);
  assert.match(await manis('member list', inAcme), /ann@acme\.example[\s\S]*crew/);
  assert.match(await manis('member update ann@acme.example --role member', inAcme), /roles +member/);
  assert.match(await manis('group take crew ann@acme.example', inAcme), /members +-/);
  const link = await manis('invite add zoe@acme.example --role reader --hours 1', inAcme);
  assert.match(link, /\/invitation\/mni_/);
  assert.match(await manis('invite list', inAcme), /zoe@acme\.example +reader/);
  assert.match(await manis(`invite accept ${link}`), /is for zoe@acme\.example/);
  assert.match(await manis('invite remove zoe@acme.example', inAcme), /^Removed the invitation zoe@acme\.example\.$/);
  const key = await manis('key add ci --scope site.read --days 30', inAcme);
  assert.match(key, /^mnk_/);
  assert.match(await manis('key list', inAcme), new RegExp(key.slice(0, 10)));
  assert.match(await manis('site list', { MANIS_TOKEN: key }), /^There is no site yet\.$/);
  assert.match(await manis('user list', { MANIS_TOKEN: key }), /permission user\.read/);
  assert.match(await manis('key remove ci', inAcme), /^Removed the API key ci\.$/);
  assert.match(await manis('organisation administrators'), /admin@manis\.localhost/);
  assert.match(await manis('organisation remove Acme'), /^Removed the organisation Acme\.$/);
});

test('quotas, claims that give memberships, and what providers call people, in words', async () => {
  await manis('organisation add Bounds');
  assert.match(await manis('organisation change Bounds --quota sites=3,resources=7'), /quotas sites +3$/m);
  assert.match(await manis('organisation change Bounds --quota sites=default'), /quotas sites +200$/m);
  assert.match(await manis('organisation change Bounds --quota many'), /expected such as resources=5000/);
  const added = await manis(
    'provider add generic --name work --client-id x --issuer https://id.example --member-of orgs --person-name name --listed true --json',
  );
  const { id, mapping, listed } = JSON.parse(added);
  assert.deepEqual([mapping, listed], [{ organisation: 'orgs', name: 'name' }, true]);
  assert.deepEqual(JSON.parse(await manis('provider update work --member-of none --json')).mapping, { name: 'name' });
  await manis('user add ida@example.com');
  assert.match(await manis('user identities ida@example.com'), /^PROVIDER/);
  assert.match(await manis(`user disconnect ida@example.com ${id}`), /there is no identity/);
});
