/** The settings of `manis store`. */
import { storePasswordFile, storeUrl } from './programs.ts';
import { filePath, worded } from './setting.ts';
import { type SettingsOf, settingsOf, text } from './value.ts';

const PLACE = 'a data folder of control, or a URL such as postgres://user@host/database';
const place = (description: string) =>
  worded(text(), { kind: 'value', hint: 'PLACE', expected: PLACE, description, isSecret: true });

export const placeSettings = settingsOf({
  dataDir: worded(filePath.default('.manis/control'), {
    kind: 'value',
    hint: 'DIR',
    expected: 'a folder',
    description: 'Data folder of control with an embedded store (default .manis/control)',
  }),
  store: storeUrl,
  storePasswordFile,
});

export const copySettings = settingsOf({
  from: place('Store that is read: a data folder of control, or a URL of PostgreSQL'),
  to: place('Empty store that is filled: a data folder, or a URL of PostgreSQL'),
  storePasswordFile,
});

export type PlaceSettings = SettingsOf<(typeof placeSettings)['shape']>;
export type CopySettings = SettingsOf<(typeof copySettings)['shape']>;
