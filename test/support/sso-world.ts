import { SYNAPSE_CLIENT, startSsoProvider, type OpenidProvider } from "./openid-provider.ts";
import { singleSignOn } from "./synapse-config.ts";
import { openBrowser, type Visitor } from "./visitor.ts";
import { createWorld, type World } from "./world.ts";

/** A world whose homeserver logs people in by single sign-on, and the browser that Kim does it with. */
export interface SsoWorld {
  world: World;
  browser: Visitor;
  end(): Promise<void>;
}

/** Starts a homeserver with a real OpenID provider behind it, and a browser. */
export async function createSsoWorld(): Promise<SsoWorld> {
  let provider: OpenidProvider | null = null;
  const world = await createWorld({
    configure: async (url) => {
      provider = await startSsoProvider(url);
      return singleSignOn(provider.issuer, SYNAPSE_CLIENT);
    },
  });
  const browser = await openBrowser();
  const end = async (): Promise<void> => {
    await browser.close();
    await world.end();
    await provider?.stop();
  };
  return { world, browser, end };
}
