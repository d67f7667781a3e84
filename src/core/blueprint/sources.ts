/** Who keeps a thing as it is. What one source owns, no other changes. */
import { type NounName, TITLES } from './nouns.ts';

/** People, in the console, by the command line and by the API. */
export const DASHBOARD = 'dashboard';

/** `file:NAME` of a file that somebody applies. What connectors bring is `file:con_...` and `docker:con_...`. */
const PERSONAL = /^file:(?!con_)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const OF_CONNECTOR = /^(?:file|docker):con_[A-Za-z0-9]{1,64}$/;

export function isSource(text: string): boolean {
  return isPersonalSource(text) || OF_CONNECTOR.test(text);
}

/** Those that people may speak as. */
export function isPersonalSource(text: string): boolean {
  return text === DASHBOARD || PERSONAL.test(text);
}

export function isFileSource(text: string): boolean {
  return text.startsWith('file:');
}

/** What to do where something is another source's. */
export function refusalText(noun: NounName, name: string, owner: string): string {
  const what = noun === 'organisation' ? 'the settings of the organisation' : `${TITLES[noun]} ${JSON.stringify(name)}`;
  const verb = noun === 'organisation' ? 'belong' : 'belongs';
  const where = owner === DASHBOARD ? 'the console' : owner;
  return `${what} ${verb} to ${where}: change it there, or take it over (manis apply --take-over; in the console, Blueprint, Sources, Release)`;
}
