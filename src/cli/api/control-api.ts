/** The control API as the command uses it. Paths are relative to `/api/v1`. */
import { Failure } from '../../base/index.ts';
import { JsonClient, type JsonRequest } from '../../io/json-client.ts';

const PREFIX = '/api/v1';
const TIMEOUT_MS = 30_000;
const ANSWER_BYTES = 16 * 1024 * 1024;
const PAGE_ROWS = 200;

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
}

export class ControlApi {
  readonly #client: JsonClient;
  readonly #credentials: Credentials;
  #organisation: Readonly<Record<string, string>> = {};

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    const { ca } = credentials;
    this.#client = new JsonClient({ timeoutMs: TIMEOUT_MS, answerBytes: ANSWER_BYTES, ...(ca && { ca }) });
  }

  /** From now on requests are about this organisation. */
  actIn(organisationId: string): void {
    this.#organisation = { 'manis-organisation': organisationId };
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#send('GET', path);
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#send('POST', path, body);
  }

  patch<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#send('PATCH', path, body);
  }

  put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#send('PUT', path, body);
  }

  async remove(path: string): Promise<void> {
    await this.#send('DELETE', path);
  }

  /** Every item of a list, page after page. */
  async list<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let after: string | null = null;
    do {
      const query: string =
        after === null ? `limit=${PAGE_ROWS}` : `limit=${PAGE_ROWS}&after=${encodeURIComponent(after)}`;
      const page: { items: Item[]; next: string | null } = await this.get(`${path}?${query}`);
      items.push(...page.items);
      after = page.next;
    } while (after !== null);
    return items;
  }

  close(): void {
    this.#client.close();
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

  async #send<Answer>(method: JsonRequest['method'], path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#client.send({
      method,
      url: new URL(`${PREFIX}${path}`, this.#credentials.url),
      headers: { ...this.#authorization(), ...this.#organisation },
      body,
    });
    if (answer.status >= 200 && answer.status < 300) return answer.body as Answer;
    throw refusal(answer.status, answer.body);
  }
}

function refusal(status: number, body: unknown): ApiFailure {
  const { code, detail, problems } = (body ?? {}) as { code?: unknown; detail?: unknown; problems?: unknown };
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new ApiFailure('api-refused', `control answered with HTTP status ${status}`, status);
  }
  if (Array.isArray(problems) && problems.some(({ line }) => line !== undefined))
    return new ApiFailure(code, problems.map(inItsLine).join('\n'), status);
  const more = Array.isArray(problems)
    ? problems.slice(1).map(({ path, expected }) => `${path}: expected ${expected}`)
    : [];
  return new ApiFailure(code, [detail, ...more].join('; '), status);
}

/** Of a document: `line 3: sites.home.nme: expected another key`. */
function inItsLine(problem: { line?: number; path: string; expected: string; found?: string }): string {
  const { line = 1, path, expected, found } = problem;
  return `line ${line}: ${path ? `${path}: ` : ''}expected ${expected}${found === undefined ? '' : `, found ${found}`}`;
}
