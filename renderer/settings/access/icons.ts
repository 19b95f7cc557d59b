import BookOpen from "@lucide/svelte/icons/book-open";
import Cable from "@lucide/svelte/icons/cable";
import DoorOpen from "@lucide/svelte/icons/door-open";
import Globe from "@lucide/svelte/icons/globe";
import Hand from "@lucide/svelte/icons/hand";
import History from "@lucide/svelte/icons/history";
import MailPlus from "@lucide/svelte/icons/mail-plus";
import Server from "@lucide/svelte/icons/server";
import UserRoundPlus from "@lucide/svelte/icons/user-round-plus";
import Users from "@lucide/svelte/icons/users";
import VenetianMask from "@lucide/svelte/icons/venetian-mask";
import Waypoints from "@lucide/svelte/icons/waypoints";
import type { GainCode } from "../../../main/matrix/codes.ts";

type Icon = typeof Users;

const ICONS: Record<GainCode, Icon> = {
  anyone: Globe,
  "whoever-joins": DoorOpen,
  "whoever-knocks": Hand,
  "members-of-other-rooms": Waypoints,
  guests: VenetianMask,
  people: Users,
  "whoever-is-invited": MailPlus,
  homeserver: Server,
  bridge: Cable,
  directory: BookOpen,
  "earlier-messages": History,
};

/** What stands for a kind of readers, in the picture and beside the sentence that says who they are. */
export function iconFor(kind: string): Icon {
  return Object.hasOwn(ICONS, kind) ? ICONS[kind as GainCode] : UserRoundPlus;
}
