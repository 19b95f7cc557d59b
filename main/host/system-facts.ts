import { release } from "node:os";

/** On what Ferry runs. Nothing of it is the user's. */
export interface SystemFacts {
  platform: string;
  release: string;
  architecture: string;
  node: string;
  /** Null without Electron. */
  electron: string | null;
}

export function systemFacts(): SystemFacts {
  const { platform, arch, versions } = process;
  // What a kernel is called besides its number may name whoever has built it.
  const [number = "unknown"] = /^[\d.]+/.exec(release()) ?? [];
  const electron = versions["electron"] ?? null;
  return { platform, release: number, architecture: arch, node: versions.node, electron };
}
