/** An administrator beside control: calls of its API, made from where control can be reached. */
import { ControlApi, type Credentials } from '../../src/cli/api/control-api.ts';
import { answerCalls } from '../lab/calls.ts';

/** Paths and bodies come from another process, so that nothing is known of their types here. */
interface AnyApi {
  get(path: string): Promise<unknown>;
  list(path: string): Promise<unknown>;
  post(path: string, question: { readonly body?: unknown }): Promise<unknown>;
  patch(path: string, question: { readonly body?: unknown }): Promise<unknown>;
  put(path: string, question: { readonly body?: unknown }): Promise<unknown>;
  remove(path: string): Promise<unknown>;
}

let api: ControlApi | undefined;

function opened(): AnyApi {
  if (!api) throw new Error('no API was opened');
  return api as unknown as AnyApi;
}

answerCalls({
  open(credentials: Omit<Credentials, 'url'> & { readonly url: string }): void {
    api?.close();
    api = new ControlApi({ ...credentials, url: new URL(credentials.url) });
  },
  get: (path: string) => opened().get(path),
  list: (path: string) => opened().list(path),
  post: (path: string, body: unknown) => opened().post(path, { body }),
  patch: (path: string, body: unknown) => opened().patch(path, { body }),
  put: (path: string, body: unknown) => opened().put(path, { body }),
  remove: (path: string) => opened().remove(path),
});
