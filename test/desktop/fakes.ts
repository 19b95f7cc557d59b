import { EventEmitter } from "node:events";
import type { BrowserWindow, BrowserWindowConstructorOptions, Session } from "electron";

/** What the tests need of Electron's classes, and what was done to them. */

export class FakeContents extends EventEmitter {
  readonly ipc = new EventEmitter();
  readonly sent: unknown[][] = [];
  mainFrame = { url: "" };
  destroyed = false;
  openWindow: (details: { url: string }) => { action: string } = () => ({ action: "allow" });
  webRtcPolicy = "default";

  send(...values: unknown[]): void {
    this.sent.push(values);
  }
  isDestroyed(): boolean {
    return this.destroyed;
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
  isMinimized(): boolean {
    return false;
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
