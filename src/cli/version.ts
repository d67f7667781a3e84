/** Which Manis this is: what `manis --version` prints, and what nodes tell one another. The test holds it to package.json. */
export const VERSION = '0.1.0';
