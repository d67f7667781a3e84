/**
 * http-rules: what a resource does with HTTP beyond passing it on: routes within its host, rewritten paths, header rules,
 * redirects, and what is compressed, limited, kept or shown instead.
 *
 * Read first: `model.ts` (what can be said), `routes.ts` (which route a request takes), `rewrite.ts` (what may become of a
 * path), `header-rules.ts` (what may become of fields).
 */
export { type CompiledHttp, compileHttp } from './compile.ts';
export {
  askingFields,
  freshenedFields,
  hasAlready,
  isOfABody,
  speaksOf,
  type Validators,
  validatorsOf,
} from './conditions.ts';
export {
  acceptable,
  chooseEncoding,
  type EncodableAnswer,
  type EncodingChoice,
  encodedFields,
  withVary,
} from './encoding.ts';
export { areAlike, isAmong, isEntityTag, type TagComparison } from './entity-tags.ts';
export { CompiledHeaderRules } from './header-rules.ts';
export { type Keeping, type KeptUse, keepingOf, keptUseOf } from './keeping.ts';
export * from './model.ts';
export { type ParsedHttpSettings, parseCustomPages, parseHttpSettings } from './parse.ts';
export { RateTable } from './rate.ts';
export type { CompiledRedirect } from './redirect.ts';
export type { Rewrite, RewriteDropReason, Rewritten } from './rewrite.ts';
export { type CompiledAction, type CompiledRoute, RouteTable } from './routes.ts';
export {
  expand,
  PAGE_VARIABLES,
  type PageVariable,
  readPage,
  readTemplate,
  type Template,
  VARIABLES,
  type Variable,
} from './template.ts';
