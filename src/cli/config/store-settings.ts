/** The settings of `manis store`. */
import { z } from 'zod';
import { storePasswordFile, storeUrl } from './programs.ts';
import { filePath, worded } from './setting.ts';

const PLACE = 'a data folder of control, or a URL such as postgres://user@host/database';
const place = (description: string) =>
  worded(z.string().min(1), { kind: 'value', hint: 'PLACE', expected: PLACE, description, isSecret: true });

export const placeSettings = z.object({
  dataDir: worded(filePath.default('.manis/control'), {
    kind: 'value',
    hint: 'DIR',
    expected: 'a folder',
    description: 'Data folder of control with an embedded store (default .manis/control)',
  }),
  store: storeUrl,
  storePasswordFile,
});

export const copySettings = z.object({
  from: place('Store that is read: a data folder of control, or a URL of PostgreSQL'),
  to: place('Empty store that is filled: a data folder, or a URL of PostgreSQL'),
  storePasswordFile,
});

export type PlaceSettings = z.output<typeof placeSettings>;
export type CopySettings = z.output<typeof copySettings>;
