/** The typed client of the control API as the command uses it: a method for each of HTTP, refusals as failures. */
import {
  type ApiClient,
  ApiProblem,
  all,
  answerOf,
  createApiClient,
  type Listed,
  type ListPath,
  type Method,
  type Page,
  type Problem,
  paged,
  type Question,
  type Verb,
} from '../../api/client.ts';
import { Failure } from '../../base/index.ts';
import { JsonClient, type JsonRequest } from '../../io/json-client.ts';

const PREFIX = '/api/v1';
const TIMEOUT_MS = 30_000;
const ANSWER_BYTES = 16 * 1024 * 1024;

/** What the API answered where it refused; `code` is the problem document's. */
export class ApiFailure extends Failure {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(code, message);
    this.status = status;
  }
}

export interface Credentials {
  readonly url: URL;
  /** Left out: nobody is signed in. */
  readonly token?: string;
  /** Name of the profile that they are of. */
  readonly profile?: string;
  /** PEM to trust beside the system's. */
  readonly ca?: string;
  /** Control of the local network, whose authority certifies it whatever happens. */
  readonly isLocal?: boolean;
}

type AnyRequest = (
  method: Method,
  path: string,
  question: object,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

export class ControlApi {
  readonly #json: JsonClient;
  readonly #client: ApiClient;
  readonly #credentials: Credentials;
  #organisation: Readonly<Record<string, string>> = {};

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    const { ca, isLocal = false } = credentials;
    this.#json = new JsonClient({
      timeoutMs: TIMEOUT_MS,
      answerBytes: ANSWER_BYTES,
      ...(ca && { ca }),
      trustsCaAlone: isLocal,
    });
    this.#client = createApiClient(`${credentials.url.origin}${PREFIX}`, (request) => this.#fetch(request));
  }

  /** From now on requests are about this organisation. */
  actIn(organisationId: string): void {
    this.#organisation = { 'manis-organisation': organisationId };
  }

  readonly get = this.#verb('get');
  readonly post = this.#verb('post');
  readonly put = this.#verb('put');
  readonly patch = this.#verb('patch');
  readonly remove = this.#verb('delete');

  /** Every item of a list, page after page. @param most of them. */
  async list<Path extends ListPath>(
    path: Path,
    question: Pick<Question<'get', Path>, 'params'> = {},
    most: number = Number.POSITIVE_INFINITY,
  ): Promise<readonly Listed<Path>[]> {
    const get = this.get as unknown as (path: string, question: object) => Promise<Page<Listed<Path>>>;
    const { query, ...params } = (question.params ?? {}) as { readonly query?: object };
    return all(
      (after) => get(path, { params: { ...params, query: { ...paged(after, most).params.query, ...query } } }),
      most,
    );
  }

  close(): void {
    this.#json.close();
  }

  get origin(): string {
    return this.#credentials.url.origin;
  }

  /** Undefined where somebody is not signed in but has a token, or a local network. */
  get profile(): string | undefined {
    return this.#credentials.profile;
  }

  #authorization(): Readonly<Record<string, string>> {
    const { token } = this.#credentials;
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Types say what each operation takes and answers; what happens is the same for all. */
  #verb<Asked extends Method>(method: Asked): Verb<Asked> {
    const send = (path: string, question: object = {}): Promise<unknown> => {
      const request = this.#client.request as unknown as AnyRequest;
      return answerOf(request(method, path, question)).catch((error: unknown) => {
        throw error instanceof ApiProblem ? failureOf(error) : error;
      });
    };
    return send as Verb<Asked>;
  }

  /** The command's own way to a server: its certificate authority, its proxy, its bounds. */
  async #fetch(request: Request): Promise<Response> {
    const text = await request.text();
    const { status, body } = await this.#json.send({
      method: request.method as JsonRequest['method'],
      url: new URL(request.url),
      headers: { ...this.#authorization(), ...this.#organisation },
      ...(text !== '' && { body: JSON.parse(text) }),
    });
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  }
}

/** Ids that stand in a path. */
export function at<const Ids extends Readonly<Record<string, string | number>>>(path: Ids): { params: { path: Ids } } {
  return { params: { path } };
}

function failureOf({ problem }: ApiProblem): ApiFailure {
  const { code, status } = problem;
  return new ApiFailure(code, wordsOf(problem), status);
}

function wordsOf({ detail, problems = [] }: Problem): string {
  if (problems.some(({ line }) => line !== undefined)) return problems.map(inItsLine).join('\n');
  return [detail, ...problems.slice(1).map(({ path, expected }) => `${path}: expected ${expected}`)].join('; ');
}

type FieldProblem = NonNullable<Problem['problems']>[number];

/** Of a document: `line 3: sites.home.nme: expected another key`. */
function inItsLine({ line = 1, path, expected, found }: FieldProblem): string {
  return `line ${line}: ${path ? `${path}: ` : ''}expected ${expected}${found === undefined ? '' : `, found ${found}`}`;
}
