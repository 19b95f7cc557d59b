import { openKeychain } from "../../main/host/keychain.ts";
import { asFerryError } from "../../main/matrix/errors.ts";

/** Run by keychain.test.ts inside a D-Bus session: does what its arguments say, and prints one line for each. */

const keychain = openKeychain();
const account = "@ana:example.org";

async function perform(step: string): Promise<unknown> {
  switch (step) {
    case "get":
      return keychain.get(account, "access-token");
    case "set":
      return keychain.set(account, "access-token", "canary");
    case "delete":
      return keychain.delete(account, "access-token");
    default:
      throw new Error(`unknown step ${step}`);
  }
}

for (const step of process.argv.slice(2)) {
  try {
    console.log(`${step}: ${JSON.stringify((await perform(step)) ?? null)}`);
  } catch (error) {
    const { code, message } = asFerryError(error);
    console.log(`${step}: ${code}: ${message}`);
  }
}
