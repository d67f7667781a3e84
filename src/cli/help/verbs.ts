/** One verb for one thing. What other programs call it, and what this one did, leads there as well. */
const ALSO_CALLED: Readonly<Record<string, readonly string[]>> = {
  add: ['create', 'new', 'make', 'put'],
  list: ['ls', 'all'],
  show: ['get', 'describe', 'info'],
  update: ['edit', 'modify', 'set', 'change'],
  set: ['update', 'edit'],
  remove: ['rm', 'delete', 'del', 'revoke', 'end'],
  revoke: ['remove', 'rm', 'delete', 'end'],
  end: ['remove', 'rm', 'delete', 'stop'],
  follow: ['tail', 'watch'],
};

/** The verb that is there for a word that is not; a word that two could stand for is left unknown. */
export function verbMeant(word: string, there: readonly string[]): string | undefined {
  const [meant, ...more] = there.filter((verb) => ALSO_CALLED[verb]?.includes(word));
  return more.length === 0 ? meant : undefined;
}
