import type { Listed, schemas } from '../../../api/client.ts';

export type Status = schemas['Status'];
export type Pop = Listed<'/pops'>;
export type Site = Listed<'/sites'>;
