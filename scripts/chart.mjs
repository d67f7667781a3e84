// `npm run chart`: renders the chart into packaging/kubernetes, for those who have no Helm. Needs the command `helm`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './bootstrap.mjs';

const chart = join(root, 'packaging', 'helm', 'manis');
/** As few words as show every template. */
const RENDERED = {
  'daemon-set': [],
  'stateful-set': ['pop.kind=StatefulSet', 'control.replicas=2', 'control.storeSecret=manis-store'],
};

for (const [name, values] of Object.entries(RENDERED)) {
  const flags = ['--namespace', 'manis', '--kube-version', '1.33.0', ...values.flatMap((value) => ['--set', value])];
  const { status, stdout, stderr, error } = spawnSync('helm', ['template', 'manis', chart, ...flags], {
    encoding: 'utf8',
  });
  if (status !== 0) fail(`helm could not render the chart: ${error?.message ?? stderr}`);
  const head = `# Written by "npm run chart" from packaging/helm/manis (chart ${digestOfChart()}): kubectl -n manis apply -f FILE\n`;
  const text = stdout.replace(/^---\n# Source.*\n/, '').replace(/^# Source.*\n/gm, '');
  writeFileSync(join(root, 'packaging', 'kubernetes', `${name}.yaml`), head + text);
}

function digestOfChart() {
  const hash = createHash('sha256');
  for (const name of readdirSync(chart, { recursive: true }).sort()) {
    if (!statSync(join(chart, name)).isFile()) continue;
    hash.update(`${name}\n`).update(readFileSync(join(chart, name)));
  }
  return hash.digest('hex');
}
