/** heavy: what the documents tell readers to type works, line by line, against a network that was started as they say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freePortBase, MANIS, Network, remove, temporaryFolder } from '../e2e/network.ts';
import { blocksOf, readPages } from './pages.ts';

/** Pages with blocks that are marked `sh run`, each with a network of its own. */
const RUN_PAGES = ['README.md', 'docs/quick-start.md'];
/** The port that readers have. */
const USUAL_PORT = '8443';

describe('what is typed', { timeout: 240_000 }, () => {
  for (const path of RUN_PAGES)
    test(path, async (context) => {
      const page = readPages().find((one) => one.path === path);
      assert.ok(page);
      const blocks = blocksOf(page).filter(({ info }) => info === 'sh run');
      assert.ok(blocks.length > 0, 'nothing is marked');
      const folder = temporaryFolder();
      context.after(() => remove(folder));
      const commands = makeCommands(folder);
      const portBase = String(await freePortBase());
      const network = await Network.start(['--port-base', portBase, '--data-dir', join(folder, '.manis')]);
      try {
        for (const { line, text } of blocks) {
          const script = text.replaceAll(USUAL_PORT, portBase);
          const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
            cwd: folder,
            encoding: 'utf8',
            env: { ...process.env, PATH: `${commands}:${process.env['PATH']}` },
          });
          assert.equal(status, 0, `${path}:${line}\n${stdout}${stderr}`);
        }
      } finally {
        await network.stop();
      }
    });
});

/** `npx manis` and `manis` as readers have them: npx finds the command in the repository that they stand in. */
function makeCommands(folder: string): string {
  const commands = join(folder, 'commands');
  mkdirSync(commands);
  writeFileSync(join(commands, 'manis'), `#!/bin/sh\nexec node '${MANIS}' "$@"\n`, { mode: 0o755 });
  writeFileSync(join(commands, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  return commands;
}
