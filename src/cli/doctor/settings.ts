import { z } from 'zod';
import { caFile, proxySettings } from '../config/programs.ts';
import { filePath, switchValue, worded } from '../config/setting.ts';

export const doctorSettings = z.object({
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

export type DoctorSettings = z.output<typeof doctorSettings>;
