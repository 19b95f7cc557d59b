import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Synapse } from "./synapse.ts";

/** A homeserver that refuses what somebody sends, for as long as the gate is closed. */
export interface Gate {
  close(): void;
  open(): void;
}

/** A module of Synapse's own kind (spam checker callbacks): what it refuses is refused for good, by an error of its own. */
const MODULE = `
import os
from synapse.module_api import NOT_SPAM
from synapse.api.errors import Codes

class Gate:
    def __init__(self, config, api):
        self.flag = config["flag"]
        self.sender = config["sender"]
        api.register_spam_checker_callbacks(check_event_for_spam=self.check)

    async def check(self, event):
        if os.path.exists(self.flag) and event.sender == self.sender and event.type == "m.room.encrypted":
            return Codes.BAD_STATE
        return NOT_SPAM
`;

/** Restarts a homeserver with a gate, open at first, for what `sender` sends encrypted. */
export async function installGate(synapse: Synapse, sender: string): Promise<Gate> {
  const flag = join(synapse.dataDir, "gate-is-closed");
  const path = join(synapse.dataDir, "homeserver.yaml");
  writeFileSync(join(synapse.dataDir, "ferry_gate.py"), MODULE);
  const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const modules = [{ module: "ferry_gate.Gate", config: { flag, sender } }];
  writeFileSync(path, JSON.stringify({ ...config, modules }));
  await synapse.restart();
  return { close: () => writeFileSync(flag, ""), open: () => rmSync(flag, { force: true }) };
}
