import type { FileFailure } from "../../matrix/codes.ts";
import type { ToldChange } from "../../matrix/told-changes.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";

/**
 * What Ferry writes into rooms, in the languages that the user can choose for it (setting `noticeLanguage`). What is
 * to be typed as an answer is the same in each, and so are the fields that programs read.
 */

export type Language = "en" | "de";

/** As seen from a room: both ways, only from here to the others, or only from the others to here. */
export type Way = "two-way" | "to" | "from";

/**
 * Texts in one language. Names come in cleaned and, where a parameter is called `room`, `here`, `there` or `link`, in
 * the language's quotation marks already.
 */
export interface Texts {
  /** A name that has no quotation marks in it, between the language's own. */
  quoted(name: string): string;
  /** In place of names that show nothing. */
  namelessRoom: string;
  namelessNetwork: string;
  /** Names in a sentence: "A", "A and B", "A, B and C"; `rest` more are only counted. */
  rooms(names: readonly string[], rest: number): string;
  networks(names: readonly string[], rest: number): string;
  notices: NoticeTexts;
  /** The lines of a proposal's message. */
  proposal(words: ProposalWords): string[];
  gains: GainTexts;
  copies: CopyTexts;
  /** What somebody has changed in a room. */
  change(words: ChangeWords, room: string): string;
  polls: PollTexts;
}

/** What is said where a link begins, ends, or leaves somebody out. */
export interface NoticeTexts {
  start(words: NoticeWords): string;
  end(words: NoticeWords): string;
  /** @param link null where it was all of the room's links */
  stop(member: string, link: string | null): string;
  optOut(member: string): string;
  optIn(member: string): string;
}

export interface NoticeWords {
  /** Whose Ferry carries the messages. */
  carrier: string;
  way: Way;
  here: string;
  there: string;
  /** What is told of a room besides messages. */
  tells: readonly ToldChange[];
  link: string;
}

export interface ProposalWords {
  carrier: string;
  way: Way;
  here: string;
  there: string;
  /** What would be told of a room besides messages. */
  tells: readonly ToldChange[];
  /** Who could then read the messages of the room, by `GainTexts`. */
  gains: readonly string[];
  /** The code to answer with, as it is shown. */
  code: string;
  /** When the question lapses: year, month and day with hyphens. */
  day: string;
}

/** Who can read a copy who cannot read the original: each begins in lower case and has no full stop. */
export interface GainTexts {
  /** Those who can read without joining: by an open history, or by a rule that is not known. */
  withoutJoining(room: string, how: { isOpen: boolean; encrypted: boolean }): string;
  /** Those who can join a public room. */
  joiners(room: string): string;
  /** Those who can join by a rule that is not known, which may be everybody. */
  byUnknownRule(room: string): string;
  /** Those who can ask to be let in. */
  knockers(room: string): string;
  /** Those who can join because they are in one of a number of other rooms. */
  membersElsewhere(room: string, rooms: number): string;
  /** Those who come into the source later and find its past in the destination. */
  laterMembers(source: string, destination: string): string;
  /** Those who come into a room later, since its history has been opened to them. */
  newcomers(room: string, since: "invited" | "joined"): string;
  guests(room: string): string;
  /** People who are in the destination now and not in the source; at least one of them. */
  people(source: string, destination: string, outside: { joined: number; invited: number }): string;
  /** People of a room whose members Ferry does not see. */
  unseenPeople(room: string): string;
  /** Those whom people from outside the source can bring into the destination. */
  whoeverIsInvited(room: string, allMayInvite: boolean): string;
  /** Operators of homeservers. */
  homeservers(room: string): string;
  /** People on other networks; at least one network. */
  bridged(room: string, networks: string): string;
  /** Those who find a room in a directory. */
  directory(room: string): string;
}

/** How long something lasts: a whole number, at least one. */
export interface Duration {
  count: number;
  unit: "minutes" | "hours" | "days";
}

/** What stands in copies besides what people wrote. */
export interface CopyTexts {
  /** Somebody for whom another account speaks. */
  via(person: string, sender: string): string;
  /** Stands for a message that cannot be read yet. @param sender null where it is the account's own */
  placeholder(sender: string | null): string;
  /** Stands for something that is not copied. @param sender null where it is the account's own */
  notCopied(sender: string | null): string;
  /**
   * Stands for a file that could not be carried.
   *
   * @param file.name null where it is not known
   * @param file.size in bytes; null where it is not known
   */
  standIn(file: { name: string | null; size: number | null; room: string }, failure: FileFailure): string;
  /** Somebody begins to share a live location, for as long as they say, or ends it. */
  liveLocation(isShared: boolean, lasts: Duration | null): string;
  /** In a quotation: a message with a spoiler, one without words, and one that may not be shown. */
  hiddenText: string;
  noText: string;
  unseen: string;
  /** Whoever wrote what is quoted, where no name is left. */
  somebody: string;
  /** At the end of what did not fit into one message. */
  cutOff: string;
  /** The same where the whole of it comes as a file, and that file's name. */
  goesOn: string;
  wholeMessage: string;
}

/** A change of a room: who has come or gone, what it is called or about now (null: nothing), or that the message is pinned. */
export type ChangeWords =
  | { what: "joined" | "left" | "removed" | "banned"; member: string }
  | { what: "name" | "topic"; text: string | null }
  | { what: "pinned" };

/** What is told of votes that were given in another room. `results` name an answer and a number each. */
export interface PollTexts {
  elsewhere(results: readonly string[], people: number): string;
  /** Of a poll whose votes are not shown before its end. */
  hidden(people: number): string;
  /** At its end, of all votes. */
  ended(results: readonly string[], people: number): string;
}

const ALL: Record<Language, Texts> = { en, de };

export function textsIn(language: Language): Texts {
  return ALL[language];
}
