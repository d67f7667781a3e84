/** Requests that no route takes: there is no such path, or not with this method. */
import type { FastifyInstance } from 'fastify';
import { ControlFailure } from './problems.ts';

/** The methods that each path has, as routes are added. To be made before them. */
export class RouteMethods {
  readonly #routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ url, method }) => {
      this.#routes.push({ pattern: patternOf(url), methods: [method].flat() });
    });
  }

  /** Failure `method-unknown`, which says what there is, or `not-found`. */
  failureFor(method: string, path: string): { readonly failure: ControlFailure; readonly allow: string | undefined } {
    const there = this.#routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    if (there.length === 0)
      return { failure: new ControlFailure('not-found', `there is no ${method} ${path}`), allow: undefined };
    const allow = [...new Set(there)].sort().join(', ');
    return { failure: new ControlFailure('method-unknown', `${path} has no ${method}, only ${allow}`), allow };
  }
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
