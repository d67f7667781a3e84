import { CRITERIA, False, newIndexes, type PolicyContext, True } from '../policy/index.ts';
import { CompiledHeaderRules } from './header-rules.ts';
import type { ForwardAction, Route, RoutePath } from './model.ts';
import { type CompiledRedirect, compileRedirect } from './redirect.ts';
import { compileRewrite, type Rewrite } from './rewrite.ts';

/** A route that is ready for requests. */
export interface CompiledRoute {
  readonly route: Route;
  readonly action: CompiledAction;
}

export type CompiledAction =
  | {
      readonly kind: 'forward';
      /** Undefined: every target. */
      readonly targets: ReadonlySet<string> | undefined;
      readonly rewrite: Rewrite | undefined;
      readonly request: CompiledHeaderRules | undefined;
      readonly response: CompiledHeaderRules | undefined;
    }
  | { readonly kind: 'redirect'; readonly redirect: CompiledRedirect }
  | {
      readonly kind: 'answer';
      readonly answer: NonNullable<Route['answer']>;
      readonly headers: CompiledHeaderRules | undefined;
    };

interface Known extends CompiledRoute {
  readonly matches: (context: PolicyContext) => typeof True | typeof False | 'unclear';
}

/** All routes of a resource, in the order in which they are asked. */
export class RouteTable {
  readonly #routes: readonly Known[];

  constructor(routes: readonly Route[]) {
    const shared = newIndexes();
    const enabled = routes.filter(({ enabled: isEnabled }) => isEnabled !== false);
    this.#routes = inOrder(enabled).map((route) => {
      const { path, method, header } = route.when ?? {};
      const tests = [
        path && CRITERIA.path.compile(path, shared),
        method && CRITERIA.method.compile(method, shared),
        header && CRITERIA.header.compile(header, shared),
      ].filter((test) => test !== undefined);
      return {
        route,
        action: compileAction(route),
        matches(context) {
          let value: typeof True | 'unclear' = True;
          for (const test of tests) {
            const found = test(context, undefined);
            if (found === False) return False;
            if (found !== True) value = 'unclear';
          }
          return value;
        },
      };
    });
  }

  /**
   * The first route that a request takes, undefined where none does. `unclear`: two backends could read the path in two
   * ways of which one takes a route, so it takes none and is refused.
   */
  find(context: PolicyContext): CompiledRoute | 'unclear' | undefined {
    for (const known of this.#routes) {
      const value = known.matches(context);
      if (value === 'unclear') return value;
      if (value === True) return known;
    }
    return undefined;
  }
}

/** By priority; then the exact before the long before the short, the narrower before the wider, then as written. */
export function inOrder(routes: readonly Route[]): Route[] {
  const ranked = routes.map((route, written) => ({ route, written, rank: rankOf(route) }));
  ranked.sort((one, other) => {
    for (let i = 0; i < one.rank.length; i++) {
      const difference = (other.rank[i] as number) - (one.rank[i] as number);
      if (difference !== 0) return difference;
    }
    return one.written - other.written;
  });
  return ranked.map(({ route }) => route);
}

function rankOf({ priority = 0, when = {} }: Route): readonly number[] {
  const { path, method, header } = when;
  const isExact = path?.exact !== undefined;
  return [priority, Number(isExact), fixedLength(path), Number(method !== undefined) + Number(header !== undefined)];
}

/** How much of a path is fixed before anything in it may vary. */
function fixedLength(path: RoutePath | undefined): number {
  if (!path) return 0;
  if (path.regex !== undefined) return path.regex.slice(1).search(/[.[(\\*+?{|$]/);
  const text = path.exact ?? path.prefix ?? path.glob ?? '';
  const end = path.glob === undefined ? -1 : text.search(/[*?]/);
  return end < 0 ? text.replace(/\/$/, '').length : end;
}

function compileAction(route: Route): CompiledAction {
  const { forward, redirect, answer } = route;
  if (redirect) return { kind: 'redirect', redirect: compileRedirect(route) };
  if (answer) return { kind: 'answer', answer, headers: answer.headers && new CompiledHeaderRules(answer.headers) };
  return compileForward(forward ?? {});
}

function compileForward(action: ForwardAction): CompiledAction {
  const { request, response } = action.headers ?? {};
  return {
    kind: 'forward',
    targets: action.targets && new Set(action.targets),
    rewrite: compileRewrite(action),
    request: request && new CompiledHeaderRules(request),
    response: response && new CompiledHeaderRules(response),
  };
}
