import { setTimeout as delay } from "node:timers/promises";
import type { Ferry } from "../support/ferry.ts";
import {
  answer,
  countOf,
  leftOut,
  propose,
  showLink,
  spoken,
  untilLink,
  untilMirroring,
  type Asked,
  type Scene,
} from "../support/negotiation.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Side, Stage, Tell } from "./stage.ts";

/** What came of the negotiation: how many of the messages that were sent crossed, before, during and after the link. */
export interface ConsentTotals {
  before: Crossing;
  linked: Crossing;
  stopped: Crossing;
}

interface Crossing {
  sent: number;
  crossed: number;
}

/**
 * Kim, who has no say in Workshop, asks to link it with Kitchen; Jo, its admin, has an ordinary client, answers by the
 * code, and later ends it. Ana and Jo say something in each of the three states; what each of them sees is told.
 */
export async function negotiate(stage: Stage, tell: Tell): Promise<ConsentTotals> {
  const { ferry, kitchen, workshop } = stage;
  const scene = { own: kitchen.room, guest: kitchen.person, theirs: workshop.room, admin: workshop.person };
  await workshop.person.crossSign();
  tell("\nKim types: ferry link propose Kitchen Workshop");
  const asked = await propose(ferry, scene, "--name", "Kitchen and Workshop");
  tell("Jo, who may decide about Workshop and has never heard of Ferry, sees this in an ordinary client:\n");
  tell(indented(String(asked.content["body"])));
  tell(`\n${await stateInWords(ferry, asked.link)}\n`);
  const before = await speakInVain(stage, asked, "Is anybody there?", tell);

  tell(`\nJo replies: approve ${spoken(asked)}`);
  await answer(workshop.person, workshop.room, asked, "approve");
  await untilMirroring(ferry, asked.link);
  tell(`\n${await linkInWords(ferry, asked.link)}\n`);
  const linked = await speak(scene, tell);

  tell(`\nJo replies: stop ${spoken(asked)}`);
  await answer(workshop.person, workshop.room, asked, "stop");
  await untilLink(ferry, asked.link, "suspended", ({ state }) => state === "suspended");
  tell(`\n${await stateInWords(ferry, asked.link)}\n`);
  const stopped = await speakInVain(stage, asked, "The party is a secret.", tell);
  tell(`\n${await sideBySide(kitchen, workshop)}\n`);
  return { before, linked, stopped };
}

/** Whether all crossed that should have, and nothing else. */
export function isAsAgreed({ before, linked, stopped }: ConsentTotals): boolean {
  return before.crossed === 0 && linked.sent === linked.crossed && stopped.crossed === 0;
}

/** What the demo's last line says for people. */
export function consentInWords(totals: ConsentTotals): string {
  const one = ({ sent, crossed }: Crossing): string => `${crossed} of ${sent}`;
  const { before, linked, stopped } = totals;
  const counts = `Crossed: ${one(before)} before Jo agreed, ${one(linked)} while linked, ${one(stopped)} after Jo ended it.`;
  return `${counts} ${isAsAgreed(totals) ? "Just as agreed." : "That is not as it should be."}`;
}

/** Ana and Jo say one thing each, and each waits for the other's. */
async function speak({ own, guest, theirs, admin }: Scene, tell: Tell): Promise<Crossing> {
  await guest.say(own, "The cake is in the oven.");
  await admin.waitForMessage(theirs, "The cake is in the oven.");
  tell("  Ana says in Kitchen that the cake is in the oven, Jo reads it in Workshop.");
  await admin.say(theirs, "On my way!");
  await guest.waitForMessage(own, "On my way!");
  tell("  Jo answers in Workshop, Ana reads it in Kitchen.");
  return { sent: 2, crossed: 2 };
}

/** Ana and Jo say the same thing each; Ferry is to leave both out. */
async function speakInVain(
  { ferry, kitchen, workshop }: Stage,
  asked: Asked,
  text: string,
  tell: Tell,
): Promise<Crossing> {
  const before = leftOut(await showLink(ferry, asked.link));
  await kitchen.person.say(kitchen.room, text);
  await workshop.person.say(workshop.room, text);
  await untilLink(ferry, asked.link, "both left out", (link) => leftOut(link) >= before + 2);
  // Should one cross all the same, it has the time to.
  await delay(500);
  const crossed = (await crossedTo(kitchen, text)) + (await crossedTo(workshop, text));
  tell(`  Ana and Jo both say: ${text} Ferry has left both out; ${crossed === 0 ? "neither" : crossed} crossed.`);
  return { sent: 2, crossed };
}

/** How often a text stands in a room besides the one time that it was said there. */
async function crossedTo({ person, room }: Side, text: string): Promise<number> {
  return (await countOf(person, room, text)) - 1;
}

async function linkInWords(ferry: Ferry, id: string): Promise<string> {
  return `Kim's Ferry says (ferry link show):\n\n${indented((await ferry.cli("link", "show", id)).stdout.trim())}`;
}

async function stateInWords(ferry: Ferry, id: string): Promise<string> {
  const { state, reason } = await showLink(ferry, id);
  return `Kim's Ferry says: ${state}${reason === null ? "" : `. ${reason}`}`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
