import { expect, test } from "vitest";
import { securityView } from "../../../../main/protocol/control.ts";
import { backupFact, owedInAll, secretsFact, verifiedFact } from "../../../../renderer/settings/words/account.ts";

test("what is good is told from what is not", () => {
  expect(verifiedFact(true).isGood).toBe(true);
  expect(verifiedFact(false).isGood).toBe(false);
  expect(backupFact("connected").isGood).toBe(true);
  expect([backupFact("missing").isGood, backupFact("not-connected").isGood]).toEqual([false, false]);
  expect([secretsFact("keychain").isGood, secretsFact("plain-file").isGood]).toEqual([true, false]);
});

test("what is not known yet is not called bad", () => {
  expect(verifiedFact(null)).toMatchObject({ isGood: true, label: expect.stringContaining("not known") as string });
});

test("every state has sentences of its own", () => {
  const { backup, secrets } = securityView.shape;
  const facts = [...backup.options.map(backupFact), ...secrets.options.map(secretsFact)];
  expect(new Set(facts.map(({ label }) => label)).size).toBe(facts.length);
  for (const { more } of facts) expect(more).toMatch(/^[A-Z].*\.$/);
});

test("what is owed is counted with what has failed", () => {
  expect(owedInAll({ waiting: 0, failed: 0 })).toBe(null);
  expect(owedInAll({ waiting: 1, failed: 0 })).toBe("1 message");
  expect(owedInAll({ waiting: 1234, failed: 2 })).toBe("1,236 messages");
});
