import { PrefixTrie, parsePrefix } from '../../base/index.ts';
import { CompiledHeaderRules, presetRules } from './header-rules.ts';
import type { HttpSettings } from './model.ts';
import { RouteTable } from './routes.ts';

/** Settings of a resource, ready for requests; what is undefined costs nothing. */
export interface CompiledHttp {
  readonly settings: HttpSettings;
  readonly routes: RouteTable | undefined;
  readonly request: CompiledHeaderRules | undefined;
  readonly response: CompiledHeaderRules | undefined;
  /** Asked last: it fills what nobody said. */
  readonly preset: CompiledHeaderRules | undefined;
  /** Whose addresses are served during maintenance. */
  readonly maintainers: PrefixTrie<true> | undefined;
  readonly origins: ReadonlySet<string>;
}

/** Compiles what `parseHttpSettings` accepted; throws for anything else, a programming error. */
export function compileHttp(settings: HttpSettings): CompiledHttp {
  const { routes, headers } = settings;
  return {
    settings,
    routes: routes && new RouteTable(routes),
    request: headers?.request && new CompiledHeaderRules(headers.request),
    response: headers?.response && new CompiledHeaderRules(headers.response),
    preset: headers?.preset && new CompiledHeaderRules(presetRules(headers.preset)),
    maintainers: prefixesOf(settings.maintenance?.bypass?.addresses),
    origins: new Set(settings.cors?.origins),
  };
}

function prefixesOf(texts: readonly string[] | undefined): PrefixTrie<true> | undefined {
  if (!texts) return undefined;
  const trie = new PrefixTrie<true>();
  for (const prefix of texts.map(parsePrefix)) if (prefix) trie.set(prefix, true);
  return trie;
}
