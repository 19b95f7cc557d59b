import type { ToldChange } from "../../matrix/told-changes.ts";
import { bytes } from "../text.ts";
import type { ChangeWords, Duration, GainTexts, NoticeWords, ProposalWords, Texts } from "./texts.ts";

/**
 * In German. A notice is read by people who say "du" to each other and by people who say "Sie": so nobody is addressed
 * at all. Rooms come after "aus", "nach", "in" and "von" only, which go with the dative that counted ones are in.
 */

const quoted = (name: string): string => `„${name}“`;

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function and(names: readonly string[], rest: string | null, none: string): string {
  const all = rest === null ? [...names] : [...names, rest];
  const last = all.pop() ?? none;
  return all.length === 0 ? last : `${all.join(", ")} und ${last}`;
}

const UNITS: Record<Duration["unit"], [one: string, many: string]> = {
  minutes: ["Minute", "Minuten"],
  hours: ["Stunde", "Stunden"],
  days: ["Tag", "Tage"],
};

function forSo(lasts: Duration | null): string {
  return lasts === null ? "" : `für ${count(lasts.count, ...UNITS[lasts.unit])} `;
}

const TOLD: Record<ToldChange, string> = {
  members: "wer beitritt, geht oder entfernt wird, auch wer nie schreibt",
  name: "Änderungen von Name und Thema",
  pins: "welche Nachrichten angeheftet werden",
};

/** What goes from room to room besides messages, as a sentence with a space before it; nothing where nothing does. */
function told({ way, there, tells }: Pick<NoticeWords, "way" | "there" | "tells">, verb: string): string {
  if (tells.length === 0) return "";
  const flow = {
    "two-way": `in jedem der Räume auch, was sich in den anderen tut`,
    to: `in ${there} auch, was sich in diesem Raum tut`,
    from: `in diesem Raum auch, was sich in ${there} tut`,
  }[way];
  return ` Außer den Nachrichten ${verb} ${flow}: ${tells.map((change) => TOLD[change]).join("; ")}.`;
}

function start(words: NoticeWords): string {
  const { carrier, way, here, there, link } = words;
  const flow = {
    "two-way": `die Nachrichten aus diesem Raum (${here}) nach ${there} und die Nachrichten von dort hierher`,
    to: `die Nachrichten aus diesem Raum (${here}) nach ${there}`,
    from: `die Nachrichten aus ${there} in diesen Raum (${here})`,
  }[way];
  // Into a room from which nothing goes out nobody has anything to object to.
  const objection = way === "from" ? "" : " Wer die eigenen Nachrichten heraushalten möchte, schreibt „!ferry optout“.";
  const end = " Admins dieses Raums können das mit „!ferry stop“ beenden.";
  return `${carrier} kopiert von jetzt an ${flow}, und zwar mit Ferry (Verbindung ${link}).${told(words, "steht")}${objection}${end}`;
}

function end({ carrier, way, here, there, link }: NoticeWords): string {
  const flow = {
    "two-way": `Nachrichten aus diesem Raum (${here}) werden nicht mehr nach ${there} kopiert und die von dort nicht mehr hierher.`,
    to: `Nachrichten aus diesem Raum (${here}) werden nicht mehr nach ${there} kopiert.`,
    from: `Nachrichten aus ${there} werden nicht mehr in diesen Raum (${here}) kopiert.`,
  }[way];
  return `${flow} Kopiert hat sie ${carrier} mit Ferry (Verbindung ${link}).`;
}

function proposal(words: ProposalWords): string[] {
  const { carrier, way, here, there, gains, code, day } = words;
  const flow = {
    "two-way": `Nachrichten von hier nach ${there} und Nachrichten von dort hierher`,
    to: `Nachrichten von hier nach ${there}`,
    from: `Nachrichten aus ${there} hierher`,
  }[way];
  const readers = gains.length === 0 ? "" : ` Nachrichten von hier könnten dann auch lesen: ${gains.join("; ")}.`;
  return [
    `${carrier} möchte diesen Raum (${here}) mit ${there} verbinden. Das Ferry von ${carrier} würde von da an ${flow} kopieren.${told(words, "stünde dann")}${readers}`,
    "Kopiert wird nur, wenn eine Person zustimmt, die die Einstellungen dieses Raums ändern darf.",
    `Zum Zustimmen schreiben: approve ${code}`,
    `Zum Ablehnen schreiben: decline ${code}`,
    `Zum Beenden, auch viel später, schreiben: stop ${code}`,
    `Diese Frage verfällt am ${day.split("-").reverse().map(Number).join(".")}.`,
  ];
}

const gains: GainTexts = {
  withoutJoining: (room, { isOpen, encrypted }) => {
    const reason = isOpen
      ? `der Verlauf von ${room} steht allen offen`
      : `wer den Verlauf von ${room} lesen darf, regelt eine Einstellung, die Ferry nicht kennt`;
    const who = encrypted
      ? "alle auf Matrix, die an die Schlüssel kommen, jetzt und später"
      : "alle auf Matrix, jetzt und später";
    return `${who}, auch ohne beizutreten: ${reason}`;
  },
  joiners: (room) => `alle auf Matrix, jetzt und später: ${room} dürfen alle betreten`,
  byUnknownRule: (room) =>
    `womöglich alle auf Matrix, jetzt und später: wer ${room} betreten darf, regelt eine Einstellung, die Ferry nicht kennt`,
  knockers: (room) => `wer um Einlass in ${room} bittet und eingelassen wird, jetzt und später`,
  membersElsewhere: (room, rooms) => {
    const others = rooms === 1 ? "eines anderen Raums" : `von ${rooms} anderen Räumen`;
    return `die Mitglieder ${others}, die ${room} betreten dürfen, jetzt und später`;
  },
  laterMembers: (source, destination) =>
    `wer ${source} später beitritt, auch ältere Nachrichten: in ${destination} lassen sie sich dann nachlesen`,
  newcomers: (room, since) =>
    since === "invited"
      ? `wer in ${room} eingeladen wird, auch was vor dem Beitritt geschrieben wird`
      : `wer ${room} später beitritt, auch was davor geschrieben wurde`,
  guests: (room) => `Gäste, die ${room} ohne Konto betreten können`,
  people: (source, destination, { joined, invited }) => {
    const all = joined + invited;
    const who = `${count(all, "Person", "Personen")}, die`;
    const are = all === 1 ? "ist" : "sind";
    if (joined === 0) return `${who} in ${destination} eingeladen und nicht in ${source} ${are}`;
    const rest = invited === 0 ? "" : `, davon ${invited} bisher nur eingeladen`;
    return `${who} nicht in ${source} ${are}${rest}`;
  },
  unseenPeople: (room) => `Personen, die Ferry nicht vergleichen kann: es sieht nicht, wer in ${room} ist`,
  whoeverIsInvited: (room, allMayInvite) => `wen die ${allMayInvite ? "Mitglieder" : "Admins"} von ${room} einladen`,
  homeservers: (room) => `wer die Server der Personen in ${room} betreibt: der Raum ist nicht verschlüsselt`,
  bridged: (room, networks) => `wer aus ${networks} mit ${room} verbunden ist`,
  directory: (room) => `wer ${room} im öffentlichen Verzeichnis findet, in dem der Raum steht`,
};

function change(words: ChangeWords, room: string): string {
  switch (words.what) {
    case "joined":
      return `Ist jetzt in ${room}.`;
    case "left":
      return `Hat den Raum verlassen: ${room}.`;
    case "removed":
      return `Hat ${words.member} aus ${room} entfernt.`;
    case "banned":
      return `Hat ${words.member} aus ${room} verbannt.`;
    case "name":
      return words.text === null ? `Hat den Namen von ${room} entfernt.` : `Hat ${room} umbenannt in ${words.text}.`;
    case "topic":
      return words.text === null
        ? `Hat das Thema von ${room} entfernt.`
        : `Hat das Thema von ${room} geändert: ${words.text}`;
    case "pinned":
      return `Hat diese Nachricht in ${room} angeheftet.`;
  }
}

export const de: Texts = {
  quoted,
  namelessRoom: "ein Raum ohne Namen",
  namelessNetwork: "ein anderes Netzwerk",
  rooms: (names, rest) =>
    and(names, rest > 0 ? count(rest, "weiteren Raum", "weiteren Räumen") : null, "keinem anderen Raum"),
  networks: (names, rest) =>
    and(names, rest > 0 ? count(rest, "weiteren Netzwerk", "weiteren Netzwerken") : null, "einem anderen Netzwerk"),
  notices: {
    start,
    end,
    stop: (member, link) => {
      const which = link === null ? "" : ` für die Verbindung ${link}`;
      return `Aus diesem Raum und in ihn wird${which} nichts mehr kopiert, ${member}.`;
    },
    optOut: (member) =>
      `Ferry lässt die Nachrichten von ${member} von jetzt an aus. Um das rückgängig zu machen, genügt: !ferry optin`,
    optIn: (member) =>
      `Ferry kopiert die Nachrichten von ${member} von jetzt an wieder. Um das rückgängig zu machen, genügt: !ferry optout`,
  },
  proposal,
  gains,
  change,
  copies: {
    via: (person, sender) => `${person} über ${sender}`,
    placeholder: (sender) => {
      const what = "das Gerät, das diesen Raum kopiert, noch nicht lesen kann. Der Text wird hier nachgetragen.";
      return sender === null
        ? `Hier steht eine Nachricht, die ${what}`
        : `${sender} hat eine Nachricht geschrieben, die ${what}`;
    },
    notCopied: (sender) =>
      sender === null
        ? "Hier steht etwas, das nicht kopiert wird."
        : `${sender} hat etwas geschickt, das nicht kopiert wird.`,
    standIn: ({ name, size, room }, failure) => {
      const what = `${name === null ? "Eine Datei" : `Die Datei ${name}`}${size === null ? "" : ` (${bytes(size, ",")})`}`;
      const why = {
        "file-missing": "konnte nicht kopiert werden: Der Heimserver hat sie nicht.",
        "file-damaged": "wurde nicht kopiert: Sie ist beschädigt, oder jemand hat sie verändert.",
        "file-too-large": "ist zu groß, um kopiert zu werden.",
        "file-refused": "konnte nicht kopiert werden: Der Heimserver nimmt sie nicht an.",
      }[failure];
      return `${what} ${why} Sie wurde im Raum ${room} geschickt.`;
    },
    liveLocation: (isShared, lasts) =>
      isShared
        ? `Teilt ab jetzt ${forSo(lasts)}einen Live-Standort. Er wird nicht hierher kopiert.`
        : "Teilt den Live-Standort nicht mehr.",
    hiddenText: "(eine Nachricht mit verborgenem Text)",
    noText: "(eine Nachricht ohne Text)",
    unseen: "(eine Nachricht, die nicht hierher kopiert wird)",
    somebody: "Jemand",
    goesOn: "(Diese Nachricht ist zu lang, um hier zu stehen. Die Datei enthält sie ganz.)",
    wholeMessage: "Nachricht.txt",
    cutOff: "(Der Rest dieser Nachricht ist zu lang, um kopiert zu werden.)",
  },
  polls: {
    elsewhere: (results, people) =>
      people === 0
        ? "Stimmen aus anderen Räumen: keine"
        : `Stimmen aus anderen Räumen: ${results.join(", ")} (${count(people, "Person", "Personen")})`,
    hidden: (people) =>
      `In anderen Räumen ${people === 1 ? "hat" : "haben"} ${count(people, "Person", "Personen")} abgestimmt.`,
    ended: (results, people) =>
      people === 0
        ? "Die Umfrage ist beendet. Es gibt keine Stimmen."
        : `Die Umfrage ist beendet: ${results.join(", ")} (${count(people, "Person", "Personen")})`,
  },
};
