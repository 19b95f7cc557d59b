import { EventEmitter } from "node:events";
import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle, Session } from "electron";
import type { WindowParts } from "../../main/desktop/windows.ts";

/** What the tests need of Electron's classes, and what was done to them. */

export class FakeContents extends EventEmitter {
  readonly ipc = new EventEmitter();
  readonly sent: unknown[][] = [];
  mainFrame = { url: "" };
  destroyed = false;
  openWindow: (details: { url: string }) => { action: string } = () => ({ action: "allow" });
  webRtcPolicy = "default";
  type = "window";
  closed = false;

  send(...values: unknown[]): void {
    this.sent.push(values);
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  getType(): string {
    return this.type;
  }
  close(): void {
    this.closed = true;
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openWindow = handler;
  }
  setWebRTCIPHandlingPolicy(policy: string): void {
    this.webRtcPolicy = policy;
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly calls: string[] = [];
  readonly options: BrowserWindowConstructorOptions;
  failure: Error | null = null;
  excludedFromShownWindowsMenu = false;
  bounds = { x: 10, y: 20, width: 700, height: 500 };
  maximised = false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }
  async loadURL(address: string): Promise<void> {
    if (this.failure) throw this.failure;
    this.webContents.mainFrame = { url: address };
  }
  destroy(): void {
    if (this.webContents.destroyed) return;
    this.webContents.destroyed = true;
    this.emit("closed");
  }
  /** As the user closes it. */
  close(): void {
    this.emit("close");
    this.destroy();
  }
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return this.maximised;
  }
  maximize(): void {
    this.maximised = true;
  }
  getNormalBounds(): Rectangle {
    return this.bounds;
  }
  show(): void {
    this.calls.push("show");
  }
  focus(): void {
    this.calls.push("focus");
  }
  get real(): BrowserWindow {
    return this as unknown as BrowserWindow;
  }
}

type CheckHandler = Parameters<Session["setPermissionCheckHandler"]>[0];
type RequestHandler = Parameters<Session["setPermissionRequestHandler"]>[0];
type BeforeRequest = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void;

export class FakeSession extends EventEmitter {
  readonly handlers = new Map<string, (request: Request) => Promise<Response>>();
  check: CheckHandler = null;
  request: RequestHandler = null;
  device: ((details: never) => boolean) | null = null;
  beforeRequest: BeforeRequest | null = null;
  readonly webRequest = { onBeforeRequest: (handler: BeforeRequest) => (this.beforeRequest = handler) };
  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
      if (this.handlers.has(scheme)) throw new Error("The scheme has a handler already.");
      this.handlers.set(scheme, handler);
    },
  };

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.check = handler;
  }
  setPermissionRequestHandler(handler: RequestHandler): void {
    this.request = handler;
  }
  setDevicePermissionHandler(handler: (details: never) => boolean): void {
    this.device = handler;
  }
  get real(): Session {
    return this as unknown as Session;
  }
}

/** What `createWindows` needs, over fakes; `windows` and `sessions` are what it has made. */
export function fakeWindowParts(changes: Partial<WindowParts> = {}) {
  const windows: FakeWindow[] = [];
  const sessions = new Map<string, FakeSession>();
  const parts: WindowParts = {
    createWindow: (options) => {
      const window = new FakeWindow(options);
      windows.push(window);
      return window.real;
    },
    openSession: (partition) => {
      const session = new FakeSession();
      sessions.set(partition, session);
      return session.real;
    },
    openOutside: () => undefined,
    pages: "/pages",
    preload: "/preload.cjs",
    icon: undefined,
    development: false,
    place: () => ({ width: 760, height: 560 }),
    sessionEnds: () => undefined,
    refused: () => undefined,
    ...changes,
  };
  return { parts, windows, sessions };
}
