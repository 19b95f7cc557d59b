import { localpart, type UserId } from "./ids.ts";

/** What the user ids of a bridge's users begin with, and what it adds to their names. */
const NETWORKS: readonly (readonly [prefix: RegExp, labels: readonly string[]])[] = [
  [/^whatsapp_/, ["WhatsApp", "WA"]],
  [/^telegram_/, ["Telegram", "TG"]],
  [/^signal_/, ["Signal"]],
  [/^discord(?:puppet)?_/, ["Discord"]],
  [/^(?:facebook|messenger|meta)_/, ["Facebook", "FB", "Messenger", "Meta"]],
  [/^instagram_/, ["Instagram", "IG"]],
  [/^slack(?:puppet)?_/, ["Slack"]],
  [/^(?:gmessages|sms)_/, ["Google Messages", "SMS", "RCS"]],
  [/^googlechat_/, ["Google Chat"]],
  [/^(?:irc|libera|oftc|freenode)[\w.-]*_/, ["IRC"]],
  [/^xmpp_/, ["XMPP"]],
];

/**
 * The name of somebody on another network, without what a bridge adds to it: "Ana (WhatsApp)" is "Ana". Names of
 * ordinary users stay, and so does every name that would be another member's then, also of another network.
 *
 * @param isTaken whether another member of the room goes by a name
 */
export function puppetName(name: string, sender: UserId, isTaken: (name: string) => boolean): string {
  const id = localpart(sender).replace(/^_/, "").toLowerCase();
  const labels = NETWORKS.find(([prefix]) => prefix.test(id))?.[1] ?? [];
  const suffix = labels.map((label) => ` (${label})`).find((end) => name.toLowerCase().endsWith(end.toLowerCase()));
  if (suffix === undefined) return name;
  const bare = name.slice(0, -suffix.length).trim();
  const others = NETWORKS.flatMap(([, all]) => all.map((label) => `${bare} (${label})`));
  return bare === "" || [bare, ...others].some((other) => isTaken(other)) ? name : bare;
}
