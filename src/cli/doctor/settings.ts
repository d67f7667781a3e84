import { caFile, proxySettings } from '../config/programs.ts';
import { filePath, switchValue, worded } from '../config/setting.ts';
import { type SettingsOf, settingsOf } from '../config/value.ts';

export const doctorSettings = settingsOf({
  dataDir: worded(filePath.optional(), {
    kind: 'value',
    hint: 'DIR',
    expected: "a connector's folder",
    description: "The connector's folder (default: the one of this machine, or of the local network)",
  }),
  caFile,
  ...proxySettings,
  json: worded(switchValue.default(false), { kind: 'switch', expected: 'true or false', description: 'Print JSON' }),
});

export type DoctorSettings = SettingsOf<(typeof doctorSettings)['shape']>;
