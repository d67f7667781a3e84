/** An administrator beside control: calls of its API, made from where control can be reached. */
import { ControlApi, type Credentials } from '../../src/cli/api/control-api.ts';
import { answerCalls } from '../lab/calls.ts';

let api: ControlApi | undefined;

function opened(): ControlApi {
  if (!api) throw new Error('no API was opened');
  return api;
}

answerCalls({
  open(credentials: Omit<Credentials, 'url'> & { readonly url: string }): void {
    api?.close();
    api = new ControlApi({ ...credentials, url: new URL(credentials.url) });
  },
  get: (path: string) => opened().get(path),
  list: (path: string) => opened().list(path),
  post: (path: string, body: unknown) => opened().post(path, body),
  patch: (path: string, body: unknown) => opened().patch(path, body),
  put: (path: string, body: unknown) => opened().put(path, body),
  remove: (path: string) => opened().remove(path),
});
