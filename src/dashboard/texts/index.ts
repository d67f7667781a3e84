/** The catalogue as one name: `TEXTS.people.users`. A new file of texts is a line in `catalogue.ts`. */
export * as TEXTS from './catalogue.ts';
