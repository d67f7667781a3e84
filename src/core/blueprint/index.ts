/**
 * blueprint: an organisation as one document, and what a document would change: names in place of ids, who owns what,
 * the order of changes, and differences field by field. Nothing here knows a store or YAML.
 *
 * Read first: `nouns.ts` (what a blueprint holds, in which order), `plan.ts` (what becomes of a document), `sources.ts`
 * (who may change what).
 */
export { type Change, changesBetween } from './differences.ts';
export { importCloudflared } from './importers/cloudflared.ts';
export type { Imported, ImportNote, ImportOptions } from './importers/imported.ts';
export { type IncludeReader, importNginx, type NginxFile, type UnreadFile } from './importers/nginx.ts';
export { importPangolin } from './importers/pangolin.ts';
export { canonicalText, isObject, type Json, type JsonObject, sameJson } from './json.ts';
export {
  type LabelledContainer,
  type LabelledResources,
  type LabelProblem,
  resourcesOfContainers,
} from './labels.ts';
export { isLeaf, NOUNS, type NounName, TITLES } from './nouns.ts';
export { type Plan, type PlanRequest, planOf, type Refusal, type Step, type Thing, type Verb } from './plan.ts';
export { DASHBOARD, isFileSource, isPersonalSource, isSource, refusalText } from './sources.ts';
