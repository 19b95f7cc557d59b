/**
 * What of the environment is not for a browser that Ferry starts: the passphrase of its secrets, and where Chromium would
 * write the keys of its connections, by which others could read along.
 */
export const KEPT_FROM_BROWSERS = ["FERRY_PASSPHRASE", "SSLKEYLOGFILE"] as const;

/** The environment of a browser that Ferry starts. */
export function browserEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept: ReadonlySet<string> = new Set(KEPT_FROM_BROWSERS);
  // Windows does not care about upper and lower case.
  return Object.fromEntries(Object.entries(env).filter(([name]) => !kept.has(name.toUpperCase())));
}
