import type { ToldChange } from "../../matrix/told-changes.ts";
import { bytes, listed } from "../text.ts";
import type { ChangeWords, Duration, GainTexts, NoticeWords, ProposalWords, Texts } from "./texts.ts";

const quoted = (name: string): string => `“${name}”`;

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function and(names: readonly string[], rest: string | null, none: string): string {
  const all = rest === null ? [...names] : [...names, rest];
  const last = all.pop() ?? none;
  return all.length === 0 ? last : `${all.join(", ")} and ${last}`;
}

const UNITS: Record<Duration["unit"], [one: string, many: string]> = {
  minutes: ["minute", "minutes"],
  hours: ["hour", "hours"],
  days: ["day", "days"],
};

function forSo(lasts: Duration | null): string {
  return lasts === null ? "" : `, for ${count(lasts.count, ...UNITS[lasts.unit])}`;
}

const TOLD: Record<ToldChange, string> = {
  members: "who joins, leaves or is removed, also of people who never write",
  name: "changes of name and topic",
  pins: "which messages are pinned",
};

/** What goes from room to room besides messages, as a sentence with a space before it; nothing where nothing does. */
function told({ way, there, tells }: Pick<NoticeWords, "way" | "there" | "tells">, verb: string): string {
  if (tells.length === 0) return "";
  const flow = {
    "two-way": `people in each of the rooms ${verb} told of the others`,
    to: `people in ${there} ${verb} told of this room`,
    from: `people in this room ${verb} told of ${there}`,
  }[way];
  return ` Besides messages, ${flow}: ${tells.map((change) => TOLD[change]).join("; ")}.`;
}

function start(words: NoticeWords): string {
  const { carrier, way, here, there, link } = words;
  const flow = {
    "two-way": `the messages in this room (${here}) to ${there} from now on, and the messages there to this room`,
    to: `the messages in this room (${here}) to ${there} from now on`,
    from: `the messages in ${there} to this room (${here}) from now on`,
  }[way];
  // Into a room from which nothing goes out nobody has anything to object to.
  const objection = way === "from" ? "" : " To keep your own messages out, write “!ferry optout”.";
  const end = " An admin of this room can end it by “!ferry stop”.";
  return `${carrier} mirrors ${flow}, with Ferry (link ${link}).${told(words, "are")}${objection}${end}`;
}

function end({ carrier, way, here, there, link }: NoticeWords): string {
  const flow = {
    "two-way": `Messages in this room (${here}) are no longer mirrored to ${there}, nor messages there to here.`,
    to: `Messages in this room (${here}) are no longer mirrored to ${there}.`,
    from: `Messages in ${there} are no longer mirrored to this room (${here}).`,
  }[way];
  return `${flow} ${carrier} carried them with Ferry (link ${link}).`;
}

function proposal(words: ProposalWords): string[] {
  const { carrier, way, here, there, gains, code, day } = words;
  const flow = {
    "two-way": `Messages here would be copied to ${there}, and messages there to here`,
    to: `Messages here would be copied to ${there}`,
    from: `Messages in ${there} would be copied here`,
  }[way];
  const readers = gains.length === 0 ? "" : ` Messages here could then also be read by ${listed(gains)}.`;
  return [
    `${carrier} asks to link this room (${here}) with ${there}. ${flow}, from then on, by ${carrier}'s Ferry.${told(words, "would be")}${readers}`,
    "Nothing is copied unless somebody who may change this room's settings agrees.",
    `To agree, write: approve ${code}`,
    `To refuse, write: decline ${code}`,
    `To end it at any time afterwards, write: stop ${code}`,
    `This question lapses on ${day}.`,
  ];
}

const gains: GainTexts = {
  withoutJoining: (room, { isOpen, encrypted }) => {
    const reason = isOpen
      ? `the history of ${room} is open to everybody`
      : `who may read the history of ${room} is set by a rule that Ferry does not know`;
    // What is encrypted can be fetched by everybody as well, and read with its keys.
    const who = encrypted ? "anyone on Matrix who comes by its keys, now and later" : "anyone on Matrix, now and later";
    return `${who}, even without joining: ${reason}`;
  },
  joiners: (room) => `anyone on Matrix, now and later: everybody may join ${room}`,
  byUnknownRule: (room) =>
    `possibly anyone on Matrix, now and later: who may join ${room} is set by a rule that Ferry does not know`,
  knockers: (room) => `whoever asks to join ${room} and is let in, now and later`,
  membersElsewhere: (room, rooms) => {
    const others = rooms === 1 ? "another room" : `${rooms} other rooms`;
    return `the members of ${others}, who may join ${room}, now and later`;
  },
  laterMembers: (source, destination) =>
    `whoever joins ${source} later, for what was written before: they may join ${destination} and read it there`,
  newcomers: (room, since) =>
    since === "invited"
      ? `whoever is invited to ${room}, for what is written before they join`
      : `whoever joins ${room} later, for what was written before`,
  guests: (room) => `guests, who need no account to join ${room}`,
  people: (source, destination, { joined, invited }) => {
    const all = joined + invited;
    const who = `${count(all, "person", "people")} who ${all === 1 ? "is" : "are"}`;
    if (joined === 0) return `${who} invited to ${destination} and not in ${source}`;
    const rest = invited === 0 ? "" : `, ${invited} of them only invited so far`;
    return `${who} not in ${source}${rest}`;
  },
  unseenPeople: (room) => `people whom Ferry cannot compare: it does not see who is in ${room}`,
  whoeverIsInvited: (room, allMayInvite) => `whoever the ${allMayInvite ? "members" : "admins"} of ${room} invite`,
  homeservers: (room) => `whoever runs the servers of the people in ${room}: it is not encrypted`,
  bridged: (room, networks) => `whoever is connected to ${room} from ${networks}`,
  directory: (room) => `whoever finds ${room} in the public directory, where it is listed`,
};

function change(words: ChangeWords, room: string): string {
  switch (words.what) {
    case "joined":
      return `Has joined ${room}.`;
    case "left":
      return `Has left ${room}.`;
    case "removed":
      return `Has removed ${words.member} from ${room}.`;
    case "banned":
      return `Has banned ${words.member} from ${room}.`;
    case "name":
      return words.text === null
        ? `Has removed the name of ${room}.`
        : `Has changed the name of ${room} to ${words.text}.`;
    case "topic":
      return words.text === null
        ? `Has removed the topic of ${room}.`
        : `Has changed the topic of ${room}: ${words.text}`;
    case "pinned":
      return `Has pinned this message in ${room}.`;
  }
}

export const en: Texts = {
  quoted,
  namelessRoom: "a room without a name",
  namelessNetwork: "another network",
  rooms: (names, rest) => and(names, rest > 0 ? count(rest, "other room", "other rooms") : null, "no other room"),
  networks: (names, rest) =>
    and(names, rest > 0 ? count(rest, "other network", "other networks") : null, "another network"),
  notices: {
    start,
    end,
    stop: (member, link) => {
      const which = link === null ? "" : ` for the link ${link}`;
      return `Nothing more is copied out of this room or into it${which}, ${member}.`;
    },
    optOut: (member) => `Ferry leaves your messages out from now on, ${member}. To undo this, write: !ferry optin`,
    optIn: (member) => `Ferry mirrors your messages again from now on, ${member}. To undo this, write: !ferry optout`,
  },
  proposal,
  gains,
  change,
  copies: {
    via: (person, sender) => `${person} via ${sender}`,
    placeholder: (sender) => {
      const who = sender === null ? "This is a message" : `${sender} wrote a message`;
      return `${who} which the device that mirrors this room cannot read yet. It will be filled in here.`;
    },
    notCopied: (sender) =>
      `${sender === null ? "This is something" : `${sender} sent something`} that is not copied here.`,
    standIn: ({ name, size, room }, failure) => {
      const what = `${name === null ? "A file" : `The file ${name}`}${size === null ? "" : ` (${bytes(size, ".")})`}`;
      const why = {
        "file-missing": "could not be copied: the homeserver does not have it.",
        "file-damaged": "was not copied: it is damaged, or somebody has changed it.",
        "file-too-large": "is too large to be copied.",
        "file-refused": "could not be copied: the homeserver does not take it.",
      }[failure];
      return `${what} ${why} It was sent in ${room}.`;
    },
    liveLocation: (isShared, lasts) =>
      isShared
        ? `Shares a live location from now on${forSo(lasts)}. It is not copied here.`
        : "Shares the live location no longer.",
    hiddenText: "(a message with hidden text)",
    noText: "(a message without text)",
    unseen: "(a message that is not mirrored here)",
    somebody: "Somebody",
    goesOn: "(This message is too long to be shown here. The file has all of it.)",
    wholeMessage: "message.txt",
    cutOff: "(The rest of this message is too long to be mirrored.)",
  },
  polls: {
    elsewhere: (results, people) =>
      people === 0
        ? "Votes elsewhere: none"
        : `Votes elsewhere: ${results.join(", ")} (${count(people, "person", "people")})`,
    hidden: (people) => `${count(people, "person has", "people have")} voted elsewhere.`,
    ended: (results, people) =>
      people === 0
        ? "The poll has ended. There are no votes."
        : `The poll has ended: ${results.join(", ")} (${count(people, "person", "people")})`,
  },
};
