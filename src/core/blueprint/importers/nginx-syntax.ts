/** The syntax of nginx: directives with words, ended by `;` or by a block. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  readonly block?: readonly Directive[];
  readonly place: string;
}

export interface NginxFault {
  readonly place: string;
  readonly text: string;
}

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly line: number }
  | { readonly kind: ';' | '{' | '}'; readonly line: number };

/** Deepest nesting: http, server, location, location, if. */
const DEPTH_MAX = 16;

/** What a file says, as far as it can be read, and what cannot. */
export function parseNginx(
  text: string,
  file: string,
): { readonly directives: readonly Directive[]; readonly faults: readonly NginxFault[] } {
  const faults: NginxFault[] = [];
  const tokens = [...tokensOf(text)];
  let at = 0;
  const block = (depth: number): Directive[] => {
    const found: Directive[] = [];
    while (at < tokens.length) {
      const token = tokens[at];
      if (!token || token.kind === '}') break;
      const place = `${file}:${token.line}`;
      const words: string[] = [];
      for (let next = tokens[at]; next?.kind === 'word'; next = tokens[at]) {
        words.push(next.text);
        at++;
      }
      const end = tokens[at++];
      const [name = '', ...rest] = words;
      if (end?.kind === ';' && name !== '') found.push({ name, words: rest, place: `${place} ${name}` });
      else if (end?.kind === '{' && depth < DEPTH_MAX) {
        found.push({ name, words: rest, place: `${place} ${name}`, block: block(depth + 1) });
        if (tokens[at]?.kind === '}') at++;
        else faults.push({ place, text: 'a block without its end' });
      } else if (words.length > 0 || end?.kind === '{')
        faults.push({ place, text: `cannot be read from here: ${words.join(' ').slice(0, 60)}` });
    }
    return found;
  };
  const directives = block(0);
  const left = tokens[at];
  if (left)
    faults.push({ place: `${file}:${left.line}`, text: 'an end without its block; nothing was read behind it' });
  return { directives, faults };
}

function* tokensOf(text: string): Generator<Token> {
  const pattern =
    /\s+|#[^\n]*|[;{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:\$\{|[^\s;{}"'\\]|\\.)(?:\$\{\w*\}|[^\s;{}\\]|\\.)*|./gsy;
  let line = 1;
  for (const [token] of text.matchAll(pattern)) {
    if (token === ';' || token === '{' || token === '}') yield { kind: token, line };
    else if (!/^\s|^#/.test(token)) yield { kind: 'word', text: unquoted(token), line };
    line += token.split('\n').length - 1;
  }
}

function unquoted(token: string): string {
  const quote = token[0];
  if ((quote !== '"' && quote !== "'") || token.length < 2 || token.at(-1) !== quote) return token;
  return token.slice(1, -1).replaceAll(`\\${quote}`, quote);
}
