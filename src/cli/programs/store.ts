/** `manis store`: a whole store into a file, out of a file, or over to another one. */
import { createClock } from '../../io/clock.ts';
import { backUpStore, copyStore, type Filled, restoreStore, type StorePlace } from '../../io/store/archive/index.ts';
import type { CopySettings, PlaceSettings } from '../config/store-settings.ts';
import { storePassword } from './store-password.ts';

export async function runBackup(settings: PlaceSettings, file: string): Promise<void> {
  const { rows, bytes } = await backUpStore(await placeOf(settings), file, optionsOf());
  say(`${rows} rows, ${bytes} bytes in ${file}. Keep it as you keep a key.`);
}

export async function runRestore(settings: PlaceSettings, file: string): Promise<void> {
  sayFilled(await restoreStore(file, await placeOf(settings), optionsOf()));
}

export async function runCopy({ from, to, storePasswordFile }: CopySettings): Promise<void> {
  const password = await storePassword({ storePasswordFile });
  sayFilled(await copyStore({ place: from, password }, { place: to, password }, optionsOf()));
}

async function placeOf(settings: PlaceSettings): Promise<StorePlace> {
  return { place: settings.store ?? settings.dataDir, password: await storePassword(settings) };
}

function sayFilled({ rows, epoch }: Filled): void {
  say(`${rows} rows, read again and found the same. PoPs take what is published from here on as epoch ${epoch}.`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Progress is for people: to standard error, where it is a terminal. */
function optionsOf() {
  const isWatched = process.stderr.isTTY === true;
  const progress = (table: string, rows: number): void => {
    if (isWatched) process.stderr.write(`\r\u001b[K${rows} rows, ${table}`);
  };
  return { nowUnixMs: Math.round(createClock().unixMs()), progress };
}
