import { contextBridge, ipcRenderer } from "electron";
import { createPageBridge } from "./page-bridge.ts";

contextBridge.exposeInMainWorld("ferry", createPageBridge(ipcRenderer));
