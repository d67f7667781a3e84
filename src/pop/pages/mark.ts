import { type Html, html } from './html.ts';

/** One scale of the pangolin's coat, its tip down, about its own centre. */
const SCALE = 'M-7-5.5Q0-9.5 7-5.5V0Q7 6 0 10.5Q-7 6-7 0Z';

/** Rows from the bottom up, so that each lies on the one below it: x, y, strength of the colour. */
const ROWS: readonly (readonly [number, number, number])[] = [
  [24, 35, 0.45],
  [16, 26, 0.62],
  [32, 26, 0.62],
  [8, 17, 0.8],
  [24, 17, 0.8],
  [40, 17, 0.8],
];

/** The mark of Manis: overlapping scales. Decorative, so it is hidden from screen readers. */
export const MARK: Html = html`<svg class="mark" viewBox="0 0 48 48" width="44" height="44" aria-hidden="true" focusable="false">${ROWS.map(
  ([x, y, strength]) => html`<path d="${SCALE}" transform="translate(${x} ${y})" fill-opacity="${strength}"/>`,
)}</svg>`;

/** The same as an icon of the page, in one colour that stands out on light and on dark. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="#b0703a">${ROWS.map(
    ([x, y, strength]) => `<path d="${SCALE}" transform="translate(${x} ${y})" fill-opacity="${strength}"/>`,
  ).join('')}</svg>`,
)}`;
