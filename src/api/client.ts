/** The typed client of the control API: paths, parameters and answers are those of its OpenAPI document. */
import createClient, { type Client } from 'openapi-fetch';
import type { Problem, paths } from './paths.generated.ts';

export type { Problem, paths } from './paths.generated.ts';

export type ApiClient = Client<paths>;

/** An item of a list of the API. */
export type Listed<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': { items: readonly (infer Item)[] } } } } };
}
  ? Item
  : never;

/** What an API refused, as it said so. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** @param fetch of the browser, or one with credentials of its own. */
export function createApiClient(baseUrl: string, fetch: typeof globalThis.fetch): ApiClient {
  return createClient<paths>({ baseUrl, fetch });
}

/** The answer's body, or an `ApiProblem` thrown. Answers that are no problem document (a proxy's) become one. */
export async function answerOf<Data>(
  exchange: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await exchange;
  if (response.ok) return data as Data;
  if (isProblem(error)) throw new ApiProblem(error);
  const detail = `the answer was HTTP status ${response.status}`;
  throw new ApiProblem({
    title: 'No answer',
    status: response.status,
    code: 'answer-unreadable',
    detail,
    requestId: '',
  });
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error;
}
