/**
 * `npm run screenshots`: every page of the console with its tabs and dialogs, of the portal, of signing in and of errors, light
 * and dark, on a desk and on a phone, of a network with something in it. Into `.manis-screenshots`, with `index.html` beside
 * them. Takes `--only console/overview,portal/sign-in`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openChromium } from '../e2e/chromium.ts';
import { freePortBase, Network } from '../e2e/network.ts';
import { Camera } from './camera.ts';
import { makeLively, PASSWORD } from './lively.ts';
import { chooseFirstPassword, consoleShots, frameShots, newcomerShots, problemShots, visitShots } from './shots.ts';
import { makeTraffic } from './traffic.ts';

const OUT = join(import.meta.dirname, '..', '..', '.manis-screenshots');

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const folder = mkdtempSync(join(tmpdir(), 'manis-screenshots-'));
const said: string[] = [];
const warn = (text: string): void => {
  said.push(text);
  process.stderr.write(`${text}\n`);
};

const dataDir = join(folder, 'data');
const network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir]);
try {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  await shootAll();
} finally {
  await network.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function shootAll(): Promise<void> {
  const camera = new Camera(OUT, values.only?.split(',') ?? [], warn);
  const admin = await openChromium(network.ca, join(folder, 'admin'));
  const stranger = await openChromium(network.ca, join(folder, 'stranger'));
  const [ours, theirs] = [await admin.newPage(), await stranger.newPage()];
  for (const page of [ours, theirs]) {
    page.on('pageerror', (error) => warn(`the page failed: ${String(error).slice(0, 300)}`));
    page.on('dialog', (dialog) => void dialog.accept());
  }
  const setUp = network.ready.admin.setupUrl ?? '';
  await camera.take(theirs, [{ group: 'portal', name: 'set-up', show: (page) => page.goto(setUp) }]);
  await chooseFirstPassword(ours, network, setUp, PASSWORD);
  await camera.take(ours, newcomerShots(network));
  const { places, nodes } = await makeLively(network, folder, warn);
  try {
    await makeTraffic(network, dataDir, nodes.believing);
    await camera.take(ours, [
      ...(await consoleShots(network, warn)),
      ...frameShots(network),
      ...visitShots(places, 'admin'),
    ]);
    await camera.take(theirs, [...visitShots(places, 'stranger'), ...problemShots()]);
  } finally {
    await nodes.stop();
    await Promise.all([admin.close(), stranger.close()]);
  }
  writeFileSync(join(OUT, 'index.html'), contactSheet(camera.taken));
  console.log(`${camera.taken.length} pictures: ${join(OUT, 'index.html')}`);
}

function contactSheet(taken: readonly string[]): string {
  const figures = taken.map(
    (file) =>
      `<figure><a href="${file}"><img loading="lazy" src="${file}" alt="${file}"></a><figcaption>${file.replace('.png', '')}</figcaption></figure>`,
  );
  const notes = said.map((text) => `<li>${text.replaceAll('<', '&lt;')}</li>`);
  return `<!doctype html><meta charset="utf-8"><title>Manis, every page</title><style>
    body { font: 14px system-ui; margin: 24px; background: #8884 } main { display: grid; gap: 20px; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)) }
    figure { margin: 0 } img { width: 100%; max-height: 420px; object-fit: cover; object-position: top; border: 1px solid #8888; border-radius: 6px } figcaption { padding: 4px 0 }
  </style><h1>${taken.length} pictures</h1><ul>${notes.join('')}</ul><main>${figures.join('\n')}</main>`;
}
