/**
 * Places for what has none on a map: names beside their dots, and sites beside their points of presence. Always the same
 * for the same network, and nothing lies on anything else.
 */

export interface Spot {
  readonly x: number;
  readonly y: number;
}

interface Area {
  readonly width: number;
  readonly height: number;
}

/** Of one letter of a name, in the mean, and of a line. */
const LETTER_PX = 7.8;
const LINE_PX = 16;
/** What lies about a dot, and what no name may cover. */
const DOT_PX = 11;
/** From the middle of a dot to its name; the second time a line leads there. */
const NAME_DISTANCES_PX = [16, 34, 54] as const;
/** Two dots are never nearer. */
const DOTS_APART_PX = 26;
/** How far from its point of presence a site may be, the best first. */
const SITE_DISTANCES_PX = [84, 62, 110, 140, 44] as const;
const SITE_TURNS = 16;
/** Longer names are cut. */
const NAME_MAX_CHARS = 18;
/** Above, below, right, left, and between them: as a reader looks for a name. */
const DIRECTIONS: readonly (readonly [x: number, y: number])[] = [
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
  [0.75, -0.75],
  [-0.75, -0.75],
  [0.75, 0.75],
  [-0.75, 0.75],
];

export interface PlacedName {
  readonly text: string;
  /** Middle of the text. */
  readonly x: number;
  readonly y: number;
  /** It is so far from its dot that a line leads to it. */
  readonly isLed: boolean;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function shortName(name: string): string {
  return name.length <= NAME_MAX_CHARS ? name : `${name.slice(0, NAME_MAX_CHARS - 1)}…`;
}

/** A place for each name in turn; undefined where there is none, and the name is to be said elsewhere. */
export function placeNames(
  dots: readonly (Spot & { readonly name: string })[],
  area: Area,
): readonly (PlacedName | undefined)[] {
  const taken: Box[] = dots.map(({ x, y }) => boxOf({ x, y }, 2 * DOT_PX, 2 * DOT_PX));
  return dots.map((dot) => {
    const text = shortName(dot.name);
    const width = text.length * LETTER_PX;
    for (const distance of NAME_DISTANCES_PX)
      for (const [towardsX, towardsY] of DIRECTIONS) {
        const x = dot.x + towardsX * (distance + width / 2);
        const y = dot.y + towardsY * (distance + LINE_PX / 4);
        const box = boxOf({ x, y }, width, LINE_PX);
        if (!isInside(box, area) || taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        return { text, x, y, isLed: distance !== NAME_DISTANCES_PX[0] };
      }
    return undefined;
  });
}

/** A spot for each site near the spot that it wishes to be beside, apart from all that is drawn already. */
export function placeSites(
  wishes: readonly { readonly id: string; readonly beside: Spot }[],
  pops: readonly Spot[],
  area: Area,
): readonly Spot[] {
  const taken: Spot[] = [...pops];
  return wishes.map(({ id, beside }) => {
    const first = angleOf(id);
    const candidates = SITE_DISTANCES_PX.flatMap((distance) =>
      Array.from({ length: SITE_TURNS }, (_, turn) => {
        const angle = first + (turn % 2 === 0 ? 1 : -1) * Math.ceil(turn / 2) * ((2 * Math.PI) / SITE_TURNS);
        return { x: beside.x + distance * Math.cos(angle), y: beside.y + distance * Math.sin(angle) };
      }),
    );
    const fits = (spot: Spot) =>
      isInside(boxOf(spot, 4 * DOT_PX, 4 * DOT_PX), area) &&
      taken.every(({ x, y }) => Math.hypot(spot.x - x, spot.y - y) >= DOTS_APART_PX);
    const spot = candidates.find(fits) ?? (candidates[0] as Spot);
    taken.push(spot);
    return spot;
  });
}

/** Always the same for a site, and another for the next one; sideways, where names have room. */
function angleOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1000;
  const sideways = (sum / 1000 - 0.5) * (Math.PI / 2);
  return sum % 2 === 0 ? sideways : Math.PI - sideways;
}

function boxOf({ x, y }: Spot, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function isInside({ left, right, top, bottom }: Box, { width, height }: Area): boolean {
  return left >= 0 && top >= 0 && right <= width && bottom <= height;
}
