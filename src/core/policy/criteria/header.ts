import type { Criterion } from '../criterion.ts';
import { readObject, readText, readTextList } from '../problem.ts';
import { truthOf } from '../truth.ts';

export interface HeaderConfig {
  /** In lower case. */
  readonly name: string;
  /** The whole value is one of these; left out: the field is there, whatever it says. */
  readonly values?: readonly string[];
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** What other parts of Manis judge or write themselves: a rule over it would trust what anybody can send. */
const OURS =
  /^(host|cookie|authorization|proxy-authorization|forwarded|x-forwarded-.*|x-real-ip|remote-.*|x-manis-.*)$/;

/** Whether a policy may ask for a field, whose name is in lower case. */
export function mayAskForField(name: string): boolean {
  return !OURS.test(name.replaceAll('_', '-'));
}

/** Whether the request has such a header field. Clients choose their headers, so it tells requests apart, not people. */
export const header: Criterion<HeaderConfig> = {
  asksRequest: true,
  expects: 'an object with name and, where the value matters, values',
  parse(json, path, list) {
    const object = readObject(json, path, ['name', 'values'], list);
    if (!object) return undefined;
    const name = readText(object['name'], `${path}.name`, list);
    if (name === undefined) return undefined;
    if (!NAME.test(name)) return list.note(`${path}.name`, 'the name of a header field in lower case', name);
    if (!mayAskForField(name))
      return list.note(`${path}.name`, 'a header field that Manis neither judges nor writes itself', name);
    if (object['values'] === undefined) return { name };
    const values = readTextList(object['values'], `${path}.values`, list);
    return values && { name, values };
  },
  compile({ name, values }) {
    if (!values) return (context) => truthOf(context.header(name) !== undefined);
    const listed = new Set(values);
    return (context) => {
      const value = context.header(name);
      return truthOf(value !== undefined && listed.has(value));
    };
  },
};
