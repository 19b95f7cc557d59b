/** Two sets of people as two circles that overlap: where they stand, and where their numbers go. Pure geometry. */

/** How many are in the room that is copied from, in those that are copied to, and in both. */
export interface Sets {
  here: number;
  there: number;
  both: number;
}

export interface Circle {
  /** Of its centre; both centres stand at the same height. */
  x: number;
  radius: number;
}

/** In the units of the picture, with the middle of both circles at `x` 0. */
export interface Circles {
  here: Circle;
  there: Circle;
  /** Where the number of each part goes; null for a part that nobody is in. */
  hereOnly: number | null;
  both: number | null;
  thereOnly: number | null;
}

/** The larger circle's radius. */
export const LARGEST = 52;
/** However few people: a number must still fit. */
export const SMALLEST = 26;
/** A part that somebody is in is at least so wide, for its number. */
export const NARROWEST = 32;
/** Between circles that share nobody. */
const APART = 8;
/** Between the edge of a circle and that of one inside it. */
const INSET = 5;

/** Both circles, their areas as their numbers of people as far as numbers can still be read in them. */
export function circlesFor({ here, there, both }: Sets): Circles {
  const isInside = both > 0 && (both === here || both === there);
  // Circles that cut each other have three parts side by side, each with a number.
  const smallest = both === 0 || isInside ? SMALLEST : NARROWEST;
  const radii = { here: radiusOf(here, there, smallest), there: radiusOf(there, here, smallest) };
  if (isInside && here !== there) {
    const inner = here < there ? "here" : "there";
    // The wider circle must show enough of itself beside the one inside.
    radii[inner] = Math.min(radii[inner], LARGEST - (NARROWEST + INSET) / 2);
  }
  const distance = isInside ? insideDistance(radii, here, there) : outsideDistance(radii, { here, there, both });
  const left = Math.min(-radii.here, distance - radii.there);
  const right = Math.max(radii.here, distance + radii.there);
  const shift = -(left + right) / 2;
  const first: Circle = { x: shift, radius: radii.here };
  const second: Circle = { x: shift + distance, radius: radii.there };
  return { here: first, there: second, ...numberPlaces(first, second, { here, there, both }) };
}

function radiusOf(people: number, others: number, smallest: number): number {
  const most = Math.max(people, others);
  return most === 0 ? smallest : Math.max(smallest, LARGEST * Math.sqrt(people / most));
}

/** One stands in the other, each at the side that its room is on. */
function insideDistance(radii: { here: number; there: number }, here: number, there: number): number {
  return here === there ? 0 : Math.abs(radii.here - radii.there) - INSET;
}

function outsideDistance(radii: { here: number; there: number }, { here, there, both }: Sets): number {
  const widest = radii.here + radii.there;
  if (both === 0) return widest + APART;
  const shared = both / Math.min(here, there);
  const closest = Math.abs(radii.here - radii.there);
  const distance = distanceForShare(radii, shared, closest, widest);
  return Math.min(widest - NARROWEST, Math.max(closest + NARROWEST, distance));
}

/** The distance at which so much of the smaller circle is covered; the nearer, the more is. */
function distanceForShare(
  radii: { here: number; there: number },
  share: number,
  closest: number,
  widest: number,
): number {
  const wanted = share * Math.PI * Math.min(radii.here, radii.there) ** 2;
  let [near, far] = [closest, widest];
  for (let step = 0; step < 30; step += 1) {
    const middle = (near + far) / 2;
    if (lensArea(radii.here, radii.there, middle) > wanted) near = middle;
    else far = middle;
  }
  return (near + far) / 2;
}

/** What two circles have in common that cut each other. */
function lensArea(first: number, second: number, distance: number): number {
  const angle = (own: number, other: number): number =>
    Math.acos(clamp((distance ** 2 + own ** 2 - other ** 2) / (2 * distance * own)));
  const [alpha, beta] = [angle(first, second), angle(second, first)];
  return first ** 2 * (alpha - Math.sin(2 * alpha) / 2) + second ** 2 * (beta - Math.sin(2 * beta) / 2);
}

const clamp = (cosine: number): number => Math.min(1, Math.max(-1, cosine));

function numberPlaces(
  first: Circle,
  second: Circle,
  { here, there, both }: Sets,
): Pick<Circles, "hereOnly" | "both" | "thereOnly"> {
  const edges = (circle: Circle): [number, number] => [circle.x - circle.radius, circle.x + circle.radius];
  const [firstLeft, firstRight] = edges(first);
  const [secondLeft, secondRight] = edges(second);
  const middle = (from: number, to: number): number => (from + to) / 2;
  const isApart = both === 0;
  return {
    hereOnly: here === both ? null : middle(firstLeft, isApart ? firstRight : Math.max(firstLeft, secondLeft)),
    both: isApart ? null : middle(Math.max(firstLeft, secondLeft), Math.min(firstRight, secondRight)),
    thereOnly: there === both ? null : middle(isApart ? secondLeft : Math.min(firstRight, secondRight), secondRight),
  };
}
