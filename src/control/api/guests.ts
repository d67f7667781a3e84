import { z } from 'zod';
import { subjectId } from '../../core/session/index.ts';
import { isMailAddress } from '../../io/mail/mail-address.ts';
import { change } from '../change.ts';
import { type Api, type ApiContext, principalOf } from './api.ts';
import { nothing } from './schemas.ts';

/** Guests have no account: what there is of them is the sessions that they proved an address for. */
export function guestRoutes(api: Api, { control }: ApiContext): void {
  api.post(
    '/guests/revoke',
    {
      // A guest is the same in every organisation, so ending all of one's sessions is the installation's.
      config: { access: 'installation.write' },
      schema: {
        tags: ['guests'],
        summary:
          "End every session that was begun with an address's mailed code; whoever is still on a list may prove it again",
        body: z.strictObject({ email: z.string().refine(isMailAddress, 'an address such as ann@example.com') }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const email = request.body.email.toLowerCase();
      await change(control, principalOf(request), async () => {
        // A guest's epoch is the time at which they proved their address.
        const atUnixMs = Math.round(control.clock.unixMs());
        const userId = subjectId({ kind: 'guest', email });
        const revoke = [{ kind: 'user' as const, userId, minimumEpoch: atUnixMs + 1, atUnixMs }];
        return { value: undefined, note: { action: 'guest.revoke', subject: email }, revoke };
      });
      return reply.code(204).send(null);
    },
  );
}
