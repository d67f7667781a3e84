import { z } from 'zod';
import { clientAddressOf } from '../principal.ts';
import { PROGRAM_ASK_INTERVAL_MS } from '../program-sign-ins/constants.ts';
import { beginProgramSignIn, takeProgramToken } from '../program-sign-ins/program-sign-ins.ts';
import { publicUrl } from '../public-url.ts';
import type { Api, ApiContext } from './api.ts';
import { id, name, unixMs } from './schemas.ts';

const tags = ['program sign-ins'];
const config = { access: 'public' as const };
/** A name that a program gives itself; it is shown to the person, so it is one short line. */
const title = name.max(64);

/** A program signs somebody in that sits at a browser (RFC 8628): it shows a code, and asks until it has a token. */
export function programSignInRoutes(api: Api, { control }: ApiContext): void {
  api.post(
    '/program-sign-ins',
    {
      config: { ...config, refusals: ['sign-in-busy', 'sign-in-rate-limited'] },
      schema: {
        tags,
        summary: 'Begin to sign in a program: somebody types the code at the page that is named',
        security: [],
        body: z.strictObject({ program: title, computer: z.union([title, z.literal('')]).default('') }),
        response: {
          201: z.object({
            secret: z.string().describe('what the program asks with; shown this once'),
            userCode: z.string().describe('what the person types'),
            url: z.string().describe('where they type it'),
            intervalMs: z.number().int().describe('how often the program may ask'),
            expiresUnixMs: unixMs,
          }),
        },
      },
    },
    async (request, reply) => {
      const clientAddress = clientAddressOf(control, request);
      const { secret, code, row } = await beginProgramSignIn(control, { ...request.body, clientAddress });
      const url = `${publicUrl(control, control.portalHost)}program`;
      const intervalMs = PROGRAM_ASK_INTERVAL_MS;
      return reply.code(201).send({ secret, userCode: code, url, intervalMs, expiresUnixMs: row.expires_unix_ms });
    },
  );

  api.post(
    '/program-sign-ins/token',
    {
      config: {
        ...config,
        refusals: ['sign-in-code-unknown', 'sign-in-pending', 'sign-in-refused', 'sign-in-too-often'],
      },
      schema: {
        tags,
        summary: 'The token, once, when somebody has signed the program in; until then sign-in-pending',
        security: [],
        body: z.strictObject({ secret: z.string().min(1).max(128) }),
        response: { 200: z.object({ id, token: z.string(), name: z.string(), expiresUnixMs: unixMs.nullable() }) },
      },
    },
    async (request) => {
      const { token, row } = await takeProgramToken(control, request.body.secret, clientAddressOf(control, request));
      return { id: row.id, token, name: row.name, expiresUnixMs: row.expires_unix_ms };
    },
  );
}
