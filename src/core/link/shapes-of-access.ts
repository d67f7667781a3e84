/** Shapes of the records in `records-of-access.ts`. */
import { boolean, type Check, id, object } from './shape.ts';

export const ACCESS_SHAPES: Readonly<Record<string, Check>> = {
  mail: object({ id, codeSignIn: boolean }),
};
