/** Every mail, in its words: calm, short, and never more pressing than the matter. */
import type { Letter } from './letter.ts';

function footer(organisation: string, why: string): string {
  return `${organisation} · ${why}`;
}

export function testLetter(organisation: string): Letter {
  return {
    subject: `Test mail from ${organisation}`,
    parts: ['This is a test. Mails from here arrive, and this is what they look like.'],
    footer: footer(organisation, 'An administrator asked for this test.'),
  };
}
