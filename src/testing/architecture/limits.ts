/** Writes docs/limits.md from the constants of the house, so that the page cannot say anything but what the code does. */

import type { ConstantFact, SourceFacts } from './facts.ts';
import { isTestCode } from './rules.ts';

const HEAD = `# Limits

Every cap, timeout and buffer of Manis, from the \`constants.ts\` files. Written by \`npm run docs\`; a test keeps it true.
Units are in the names.
`;

/** The page: one table for each \`constants.ts\`. */
export function limitsPage(files: readonly SourceFacts[]): string {
  const sections = files
    .filter((file) => file.path.endsWith('constants.ts') && !isTestCode(file.path) && file.constants.length > 0)
    .map((file) => `## ${file.path}\n\n| name | value | why |\n|---|---|---|\n${file.constants.map(row).join('\n')}\n`);
  return [HEAD, ...sections].join('\n');
}

function row({ name, value, comment }: ConstantFact): string {
  const short = value.replace(/\s+/g, ' ');
  return `| \`${name}\` | \`${escapePipes(short)}\` | ${escapePipes(comment)} |`;
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|');
}
