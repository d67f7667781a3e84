/** Changing what was read so that nothing of others is lost: by the tag of what was read (RFC 9110 section 13.1.1). */
import { ApiProblem, answerOf, type Method, type PathOf } from './client.ts';

/** What a change goes along with: the tag of what was read, or that there was nothing. */
export type Condition = Readonly<Record<string, string>>;

/** Something as it was read. */
export interface Read<Thing> {
  readonly thing: Thing;
  readonly condition: Condition;
}

/** An exchange of the typed client. */
export type Exchange<Data> = Promise<{ data?: Data; error?: unknown; response: Response }>;

/** Paths at which something is read, and replaced as a whole (PUT) or in a part (PATCH). */
export type Edited<Asked extends Method> = Extract<PathOf<Asked>, PathOf<'get'>>;

/** So often it is read and changed anew where others go on changing it. */
const TRIES_MAX = 6;

/** The condition is empty where the answer has no tag. */
export async function readTagged<Thing>(exchange: Exchange<Thing>): Promise<Read<Thing>> {
  const thing = await answerOf(exchange);
  const tag = (await exchange).response.headers.get('etag');
  return { thing, condition: tag === null ? {} : { 'If-Match': tag } };
}

/** Settings that need not be there: nothing, where the answer has this code. */
export async function readIfThere<Thing>(
  code: string,
  read: () => Promise<Read<Thing>>,
): Promise<Read<Thing | undefined>> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
    return { thing: undefined, condition: { 'If-None-Match': '*' } };
  }
}

/** Reads, has it changed, and does both anew where somebody else wrote in between. */
export async function changeAsRead<Thing, Answer>(
  read: () => Promise<Read<Thing>>,
  write: (thing: Thing, condition: Condition) => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const { thing, condition } = await read();
    try {
      return await write(thing, condition);
    } catch (error) {
      if (tries >= TRIES_MAX || codeOf(error) !== 'precondition-failed') throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof ApiProblem ? error.problem.code : (error as { readonly code?: unknown } | null)?.code;
}
