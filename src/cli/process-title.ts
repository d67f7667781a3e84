/** What whoever lists the processes of a machine sees of a command: all of it, but for one that has a secret in it. */

/** Tokens and keys of Manis, wherever they stand. */
const TOKEN = /^mn[a-z]_/;
const SECRET_FLAG = /^--(?:[a-z-]+-)?(?:token|secret|password|pin)(?:=|$)/;
const COMMAND_WORD = /^[a-z][a-z-]*$/;

/** Its first words alone, where a secret follows; undefined: there is none, so it may be seen. */
export function titleWithoutSecrets(args: readonly string[]): string | undefined {
  if (!args.some((word) => TOKEN.test(word) || SECRET_FLAG.test(word))) return undefined;
  const end = args.findIndex((word) => !COMMAND_WORD.test(word));
  return ['manis', ...args.slice(0, end)].join(' ');
}
