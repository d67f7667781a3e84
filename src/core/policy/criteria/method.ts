import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { truthOf } from '../truth.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Z]+$/;

/** Whether the request method is one of these. Methods are case-sensitive tokens (RFC 9110 section 9.1). */
export const method: Criterion<readonly string[]> = {
  asksRequest: true,
  expects: 'a list of request methods in capitals',
  parse: (json, path, list) =>
    readTextList(json, path, list, (text) =>
      TOKEN.test(text) ? undefined : 'a request method in capitals, such as GET',
    ),
  compile(methods) {
    const listed = new Set(methods);
    return (context) => truthOf(listed.has(context.method));
  },
};
