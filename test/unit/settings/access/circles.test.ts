import fc from "fast-check";
import { expect, test } from "vitest";
import { circlesFor, LARGEST, NARROWEST, SMALLEST, type Circle } from "../../../../renderer/settings/access/circles.ts";

/** The picture of two sets of people is true, and can be read. */

const left = ({ x, radius }: Circle): number => x - radius;
const right = ({ x, radius }: Circle): number => x + radius;
/** Half of the picture's width, without the ring. */
const HALF = 2 * LARGEST + 5;

const sets = fc
  .record({
    here: fc.integer({ min: 1, max: 100_000 }),
    there: fc.integer({ min: 1, max: 100_000 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ here, there, part }) => ({ here, there, both: Math.round(part * Math.min(here, there)) }));

test("circles overlap just where somebody is in both rooms", () => {
  fc.assert(
    fc.property(sets, (people) => {
      const { here, there } = circlesFor(people);
      expect(right(here) > left(there)).toBe(people.both > 0);
    }),
  );
});

test("one circle lies in the other just where all of its people are in both rooms", () => {
  fc.assert(
    fc.property(sets, (people) => {
      const { here, there } = circlesFor(people);
      const isThereInside = left(there) >= left(here) && right(there) <= right(here);
      const isHereInside = left(here) >= left(there) && right(here) <= right(there);
      expect(isThereInside).toBe(people.both === people.there);
      expect(isHereInside).toBe(people.both === people.here);
    }),
  );
});

test("every part that somebody is in has its number, and is wide enough for it", () => {
  fc.assert(
    fc.property(sets, (people) => {
      const { here, there, hereOnly, both, thereOnly } = circlesFor(people);
      expect(hereOnly === null).toBe(people.here === people.both);
      expect(both === null).toBe(people.both === 0);
      expect(thereOnly === null).toBe(people.there === people.both);
      const isFar = (place: number, edges: number[]): boolean =>
        edges.every((edge) => Math.abs(place - edge) >= NARROWEST / 2 - 0.01);
      const edges = [left(here), right(here), left(there), right(there)];
      if (hereOnly !== null)
        expect(isFar(hereOnly, [left(here), ...(people.both > 0 ? [left(there)] : [right(here)])])).toBe(true);
      if (thereOnly !== null)
        expect(isFar(thereOnly, [right(there), ...(people.both > 0 ? [right(here)] : [left(there)])])).toBe(true);
      if (both !== null && people.both < Math.min(people.here, people.there))
        expect(isFar(both, edges.slice(1, 3))).toBe(true);
    }),
  );
});

test("it fits into the picture and stands in its middle, whoever is in the rooms", () => {
  fc.assert(
    fc.property(sets, (people) => {
      const { here, there } = circlesFor(people);
      const edges = [left(here), right(here), left(there), right(there)];
      expect(Math.min(...edges) + Math.max(...edges)).toBeCloseTo(0);
      expect(Math.max(...edges)).toBeLessThanOrEqual(HALF);
      for (const { radius } of [here, there]) {
        expect(radius).toBeGreaterThanOrEqual(SMALLEST);
        expect(radius).toBeLessThanOrEqual(LARGEST);
      }
    }),
  );
});

test("the room with more people has the larger circle", () => {
  fc.assert(
    fc.property(sets, (people) => {
      const { here, there } = circlesFor(people);
      if (people.here >= people.there) expect(here.radius).toBeGreaterThanOrEqual(there.radius);
      if (people.here <= people.there) expect(here.radius).toBeLessThanOrEqual(there.radius);
    }),
  );
});

test("the more people are in both, the nearer the circles stand", () => {
  const distanceWith = (both: number): number => {
    const { here, there } = circlesFor({ here: 40, there: 60, both });
    return there.x - here.x;
  };
  expect(distanceWith(0)).toBeGreaterThan(distanceWith(10));
  expect(distanceWith(10)).toBeGreaterThan(distanceWith(20));
  expect(distanceWith(20)).toBeGreaterThan(distanceWith(30));
});

test("rooms that Ferry cannot look into have circles all the same", () => {
  const { here, there, hereOnly, thereOnly } = circlesFor({ here: 0, there: 0, both: 0 });
  expect([here.radius, there.radius]).toEqual([SMALLEST, SMALLEST]);
  expect([hereOnly, thereOnly]).toEqual([null, null]);
});
