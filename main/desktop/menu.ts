import type { MenuItemConstructorOptions } from "electron";

/**
 * The application's menu. macOS shows it; elsewhere it is hidden and there for its keys: without it the window could
 * not be enlarged, closed or quit by the keyboard.
 */
export function applicationMenu(platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  const zoom: MenuItemConstructorOptions[] = [
    { role: "resetZoom", label: "Actual Size" },
    { role: "zoomIn", label: "Larger" },
    // The plus of most keyboards is the equals sign with another key.
    { role: "zoomIn", label: "Larger", accelerator: "CommandOrControl+=", visible: false },
    { role: "zoomOut", label: "Smaller" },
  ];
  const view: MenuItemConstructorOptions = { label: "View", submenu: zoom };
  if (platform === "darwin") return [{ role: "appMenu" }, { role: "editMenu" }, view, { role: "windowMenu" }];
  return [{ label: "Ferry", submenu: [{ role: "close" }, { role: "quit", label: "Quit Ferry" }] }, view];
}
