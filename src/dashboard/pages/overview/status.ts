import type { paths } from '../../../api/client.ts';

export type Status = paths['/status']['get']['responses'][200]['content']['application/json'];
export type Pop = paths['/pops']['get']['responses'][200]['content']['application/json']['items'][number];
export type Site = paths['/sites']['get']['responses'][200]['content']['application/json']['items'][number];
