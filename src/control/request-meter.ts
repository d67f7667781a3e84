import { Distribution } from '../io/metrics/distribution.ts';

/** Requests under one route, method and class of status. */
export interface CountedRequests {
  readonly route: string;
  readonly method: string;
  readonly status: string;
  count: number;
}

/** Counts what control is asked, by route: those are as many as OpenAPI has. */
export class RequestMeter {
  readonly durations = new Distribution();
  readonly #counted = new Map<string, CountedRequests>();

  /** @param route as it is registered; undefined where there is none. */
  note(route: string | undefined, method: string, statusCode: number, durationMs: number): void {
    this.durations.observeMs(durationMs);
    // Methods are as many as clients like where no route was found.
    const [path, verb] = route === undefined ? ['none', 'any'] : [route, method];
    const status = `${Math.floor(statusCode / 100)}xx`;
    const key = `${verb} ${path} ${status}`;
    const known = this.#counted.get(key);
    if (known) known.count++;
    else this.#counted.set(key, { route: path, method: verb, status, count: 1 });
  }

  counted(): Iterable<CountedRequests> {
    return this.#counted.values();
  }
}
