/** Which files belong to which suite, where their folder does not say it. */

/** They replace modules, so that each has a process of its own: what others have loaded would not be replaced. */
export const MODULES_REPLACED = [
  "test/desktop/wiring.test.ts",
  "test/unit/data-deletion.test.ts",
  "test/unit/engine/recovery.test.ts",
  "test/unit/engine/security-set-up.test.ts",
  "test/unit/engine/trust.test.ts",
  "test/unit/engine/verification.test.ts",
];

/** They have a homeserver, and nothing of the window's other tests. */
export const JOURNEYS = ["test/settings/journey*.test.ts"];

/** They try a little in their own suite, could try for ever, and try harder in the long one. */
export const UNENDING = [
  "test/unit/service/consent.test.ts",
  "test/unit/service/exactly-once.test.ts",
  "test/unit/bridge/fuzz*.test.ts",
  "test/headless/consent-flood.test.ts",
];

/**
 * What any file of a suite may take in continuous integration, in seconds. Machines differ by a factor of three from one day
 * to the next: growth exceeds it, and no slow day.
 */
export const FILE_BUDGETS: Readonly<Record<string, number>> = {
  unit: 120,
  replaced: 60,
  window: 240,
  headless: 240,
  long: 600,
};

/** What all suites together may take, in seconds: on two quiet cores they take a third of it. */
export const WHOLE_BUDGET = 45 * 60;
