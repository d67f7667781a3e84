/** The documents as tests read them: pages, fenced blocks, links, headings, and lines that are commands. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Page {
  /** From the root of the repository: `docs/dns.md`. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly page: string;
  readonly line: number;
  /** What stands behind the fence: `sh run`. */
  readonly info: string;
  readonly text: string;
}

/** Everything that people read, histories and reasons left out. */
export function readPages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('decisions'))
    .map((name) => join('docs', name));
  return ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...docs.sort()].map((path) => ({
    path,
    text: readFileSync(join(ROOT, path), 'utf8'),
  }));
}

export function blocksOf({ path, text }: Page): Block[] {
  const blocks: Block[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence && open) {
      blocks.push({ page: path, line: open.line, info: open.info, text: open.lines.join('\n') });
      open = undefined;
    } else if (fence) open = { info: fence[1]?.trim() ?? '', line: index + 1, lines: [] };
    else open?.lines.push(line);
  }
  return blocks;
}

/** The page without its fenced blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^\s*```[\s\S]*?^\s*```\s*$/gm, '');
}

/** The names under which GitHub links to headings. */
export function anchorsOf({ text }: Page): Set<string> {
  const headings = [...text.matchAll(/^#{1,6}\s+(.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[`*_[\]()]/g, '')
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

export interface Command {
  readonly where: string;
  readonly words: readonly string[];
  /** In prose a command may be named without all that it needs. */
  readonly isNamed: boolean;
}

/** Every command line of `manis`, in blocks and in prose. */
export function commandsOf(page: Page): Command[] {
  const inBlocks = blocksOf(page)
    .filter(({ info }) => /^(sh\b.*|)$/.test(info))
    .flatMap((block) =>
      logicalLines(block).flatMap(({ line, text }) => {
        const command = /^\s*(?:\$ )?(?:npx )?manis (.*)$/.exec(text)?.[1];
        return command === undefined ? [] : [{ where: `${page.path}:${line}`, text: command, isNamed: false }];
      }),
    );
  const named = [...proseOf(page).matchAll(/`(?:npx )?manis ([^`]*)`/g)].map(([, text = '']) => ({
    where: page.path,
    text: text.replaceAll('\n', ' '),
    isNamed: true,
  }));
  return [...inBlocks, ...named].map(({ text, ...rest }) => ({ ...rest, words: wordsOf(text) }));
}

/** Continued lines as one, each with the line it begins on. */
function logicalLines({ line: first, text }: Block): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  let goesOn = false;
  for (const [index, text_] of text.split('\n').entries()) {
    const last = lines.at(-1);
    if (goesOn && last) last.text += ` ${text_.trim()}`;
    else lines.push({ line: first + 1 + index, text: text_ });
    goesOn = text_.endsWith('\\');
    const now = lines.at(-1);
    if (goesOn && now) now.text = now.text.replace(/\\$/, '').trimEnd();
  }
  return lines;
}

/** The words up to what is said about the command, or what becomes of its output. Quotes are taken off, braces of choices too. */
function wordsOf(text: string): string[] {
  const [command = ''] = text.split(/\s{2,}|\s#|\s[|>]\s|\s<<|\s&&\s|;\s/);
  const words = command.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/^[[]|[\]]$|["']/g, '')).filter((word) => word !== '');
}
