/** The typed client of the control API: paths, parameters and answers are those of its OpenAPI document. */
import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
} from 'openapi-fetch';
import type { Problem, paths } from './paths.generated.ts';

export type { Problem, paths, schemas } from './paths.generated.ts';

export type ApiClient = Client<paths>;

/** An item of a list of the API. */
export type Listed<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': { items: readonly (infer Item)[] } } } } };
}
  ? Item
  : never;

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Lists that come page by page. */
export type ListPath = {
  [Path in keyof paths]: paths[Path] extends {
    get: {
      parameters: { query?: { limit?: number } };
      responses: { 200: { content: { 'application/json': { items: readonly unknown[]; next: string | null } } } };
    };
  }
    ? Path
    : never;
}[keyof paths];

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

/** Paths that can be asked in this way. */
export type PathOf<Asked extends Method> = ClientPathsWithMethod<ApiClient, Asked>;

/** What nobody changes on its way. */
export type Sent<Value> = Value extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : Value extends object
    ? { readonly [Field in keyof Value]: Sent<Value[Field]> }
    : Value;

/** What an operation takes: ids in its path, its query, its body. */
export type Question<Asked extends Method, Path extends keyof paths> = Sent<
  Pick<NonNullable<MaybeOptionalInit<paths[Path], Asked>>, 'params' | 'body'>
>;

/** The body that an operation takes. */
export type BodyOf<Asked extends Method, Path extends keyof paths> = NonNullable<Question<Asked, Path>['body']>;

/** The query that an operation takes. */
export type QueryOf<Asked extends Method, Path extends keyof paths> =
  NonNullable<Question<Asked, Path>['params']> extends { readonly query?: infer Query } ? NonNullable<Query> : never;

/** The body of what an operation answers. */
export type AnswerOf<Asked extends Method, Path extends PathOf<Asked>> = MethodResponse<ApiClient, Asked, Path>;

/** One method of HTTP: resolves with the body of the answer. */
export type Verb<Asked extends Method> = <Path extends PathOf<Asked>>(
  path: Path,
  ...question: undefined extends MaybeOptionalInit<paths[Path], Asked>
    ? [Question<Asked, Path>?]
    : [Question<Asked, Path>]
) => Promise<AnswerOf<Asked, Path>>;

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
export function createApiClient(baseUrl: string, fetch: (request: Request) => Promise<Response>): ApiClient {
  return createClient<paths>({ baseUrl, fetch });
}

/** The answer's body, or an `ApiProblem` thrown. Answers that are no problem document (a proxy's) become one. */
export async function answerOf<Data>(
  exchange: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await exchange;
  if (response.ok) return data as Data;
  if (isProblem(error)) throw new ApiProblem({ ...error, status: response.status });
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

const PAGE_ROWS = 200;

export function paged(
  after: string | null,
  most: number = PAGE_ROWS,
): { params: { query: { limit: number; after?: string } } } {
  return { params: { query: { limit: Math.min(PAGE_ROWS, most), ...(after !== null && { after }) } } };
}

/** Every item of a list, page after page. @param most of them. */
export async function all<Item>(
  page: (after: string | null) => Promise<Page<Item>>,
  most: number = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  do {
    const answer: Page<Item> = await page(after);
    items.push(...answer.items);
    after = answer.next;
  } while (after !== null && items.length < most);
  return items.length > most ? items.slice(0, most) : items;
}
