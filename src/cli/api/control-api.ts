/** The typed client of the control API as the command uses it: a method for each of HTTP, refusals as failures. */
import { changeAsRead, type Edited, type Exchange, type Read, readIfThere, readTagged } from '../../api/changes.ts';
import {
  type AnswerOf,
  type ApiClient,
  ApiProblem,
  all,
  answerOf,
  type BodyOf,
  createApiClient,
  type Listed,
  type ListPath,
  type Method,
  type Page,
  type PathOf,
  type Problem,
  paged,
  type Question,
  type Verb,
} from '../../api/client.ts';
import { Failure } from '../../base/index.ts';
import { JsonClient, type JsonRequest } from '../../io/json-client.ts';

const PREFIX = '/api/v1';
const TIMEOUT_MS = 30_000;
/** Fields of a request that say what must hold for a change. */
const CONDITIONS = ['if-match', 'if-none-match'] as const;
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

type AnyRequest = (method: Method, path: string, question: object) => Exchange<unknown>;

type Asking<Path extends PathOf<'get'>> = Pick<Question<'get', Path>, 'params'>;

type Edit = <Path extends Edited<'put'>>(
  path: Path,
  question: Asking<Path>,
  change: (now: AnswerOf<'get', Path>) => BodyOf<'put', Path>,
) => Promise<AnswerOf<'put', Path>>;

type EditOrMake = <Path extends Edited<'put'>>(
  path: Path,
  ifNone: string,
  change: (now: AnswerOf<'get', Path> | undefined) => BodyOf<'put', Path>,
) => Promise<AnswerOf<'put', Path>>;

type EditPart = <Path extends Edited<'patch'>>(
  path: Path,
  question: Asking<Path>,
  change: (now: AnswerOf<'get', Path>) => Promise<BodyOf<'patch', Path>>,
) => Promise<AnswerOf<'patch', Path>>;

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

  /**
   * Replaces what is there by what `change` makes of it, and does both anew where somebody else wrote in between. Failure
   * `precondition-failed` where others go on doing so.
   */
  readonly edit: Edit = (path, question, change) => this.#edit('put', path, question, change);
  /** The same of settings that need not be there: nothing is, where the answer has the code `ifNone`. */
  readonly editOrMake: EditOrMake = (path, ifNone, change) => this.#edit('put', path, {}, change, ifNone);
  /** The same for a part of what is there. */
  readonly editPart: EditPart = (path, question, change) => this.#edit('patch', path, question, change);

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
      return answerOf(request(method, path, question)).catch(asFailure);
    };
    return send as Verb<Asked>;
  }

  #edit<Now, Body, Answer>(
    method: Method,
    path: string,
    question: object,
    change: (now: Now) => Body | Promise<Body>,
    ifNone?: string,
  ): Promise<Answer> {
    const request = this.#client.request as unknown as AnyRequest;
    const reading = () => readTagged<Now>(request('get', path, question) as Exchange<Now>);
    const read = () => (ifNone === undefined ? reading() : (readIfThere(ifNone, reading) as Promise<Read<Now>>));
    const changing = changeAsRead(read, async (now, headers) => {
      const body = await change(now);
      return answerOf<Answer>(request(method, path, { ...question, body, headers }) as Exchange<Answer>);
    });
    return changing.catch(asFailure);
  }

  /** The command's own way to a server: its certificate authority, its proxy, its bounds. */
  async #fetch(request: Request): Promise<Response> {
    const text = await request.text();
    const conditions = CONDITIONS.flatMap((field) => {
      const value = request.headers.get(field);
      return value === null ? [] : [[field, value] as const];
    });
    const { status, body, etag } = await this.#json.send({
      method: request.method as JsonRequest['method'],
      url: new URL(request.url),
      headers: { ...this.#authorization(), ...this.#organisation, ...Object.fromEntries(conditions) },
      ...(text !== '' && { body: JSON.parse(text) }),
    });
    const headers = etag === undefined ? {} : { headers: { etag } };
    return new Response(body === undefined ? null : JSON.stringify(body), { status, ...headers });
  }
}

/** Ids that stand in a path. */
export function at<const Ids extends Readonly<Record<string, string | number>>>(path: Ids): { params: { path: Ids } } {
  return { params: { path } };
}

function asFailure(error: unknown): never {
  throw error instanceof ApiProblem ? failureOf(error) : error;
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
