/** Whether a window can be seen here. Only Linux can be without a display and say so. */
export function hasDisplay(platform = process.platform, env = process.env): boolean {
  return platform !== "linux" || Boolean(env["DISPLAY"]) || Boolean(env["WAYLAND_DISPLAY"]);
}
