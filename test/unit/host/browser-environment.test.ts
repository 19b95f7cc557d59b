import { expect, test } from "vitest";
import { browserEnvironment } from "../../../main/host/browser-environment.ts";

test("a browser gets the environment, but no passphrase, and no file to write its connections' keys to", () => {
  const given = { PATH: "/bin", FERRY_PASSPHRASE: "secret", SSLKEYLOGFILE: "/tmp/keys", SslKeyLogFile: "/tmp/keys" };
  expect(browserEnvironment(given)).toEqual({ PATH: "/bin" });
  expect(given.FERRY_PASSPHRASE).toBe("secret");
});
