/** Of a computer, as a page shows it: host names are longer in theory alone. */
export const MAXIMUM_COMPUTER_NAME_LENGTH = 64;
