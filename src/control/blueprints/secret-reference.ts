import { z } from 'zod';

export const secretReference = z
  .union([
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'the name of a variable') }),
    z.strictObject({ file: z.string().min(1).max(1024) }),
  ])
  .describe('where whoever applies it finds the secret: { env: NAME } or { file: PATH }; never the secret itself');

/** Where a secret is: never the secret. */
export type SecretReference = z.output<typeof secretReference>;
