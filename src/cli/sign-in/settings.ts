import { connectionShape } from '../api/connection.ts';
import { onFlag } from '../api/words.ts';
import { type SettingsOf, settingsOf } from '../config/value.ts';

const { url, profile, ca, dataDir, json } = connectionShape;

export const loginSettings = settingsOf({
  noBrowser: onFlag('Open no browser: print address and code alone'),
  ...{ url, profile, ca, dataDir, json },
});

export type LoginSettings = SettingsOf<(typeof loginSettings)['shape']>;
