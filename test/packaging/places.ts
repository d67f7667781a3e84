/** Where the artefacts are that other software runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const PACKAGING = join(ROOT, 'packaging');

export const readArtefact = (...path: readonly string[]): string => readFileSync(join(PACKAGING, ...path), 'utf8');
