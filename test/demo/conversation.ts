import type { Person, SeenMessage } from "../support/person.ts";
import type { Stage, Tell } from "./stage.ts";

/** How long each of these may take, in milliseconds. */
const LIMIT_MS = 30_000;

/**
 * Ana and Jo talk across, each in their own room: text, reply, edit, reaction, redaction, and a word of Kim's. Every
 * step waits until the other side's own client shows it.
 *
 * @throws Error with a sentence where one does not arrive in time
 */
export async function talkAcross({ kim, kitchen, workshop }: Stage, tell: Tell): Promise<void> {
  const ana = kitchen.person;
  const jo = workshop.person;
  const step = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const start = performance.now();
    await act();
    tell(`  ${what} (${Math.round(performance.now() - start)} ms)`);
  };
  tell("Ana and Jo talk, each in their own room:");
  let question = "";
  await step("Ana asks in Kitchen, Jo reads it in Workshop", async () => {
    question = await ana.say(kitchen.room, "Is the kettle mended?");
    await sees(jo, workshop.room, "Ana's question", (message) => message.body.includes("Is the kettle mended?"));
  });
  await step("Jo replies to the copy, Ana sees a reply to her own message", async () => {
    await jo.reply(workshop.room, (await find(jo, workshop.room, "Is the kettle mended?")).eventId, "Nearly there!");
    await sees(ana, kitchen.room, "Jo's reply", (message) => says(message, "Nearly there!", question));
  });
  await step("Ana corrects her message, the copy follows", async () => {
    await ana.edit(kitchen.room, question, "Is the copper kettle mended?");
    await sees(jo, workshop.room, "the edit", ({ body, edited }) => edited && body.includes("copper kettle"));
  });
  await step("Jo reacts to the copy, Ana sees it on her message", async () => {
    await jo.react(workshop.room, (await find(jo, workshop.room, "copper kettle")).eventId, "👍");
    await sees(ana, kitchen.room, "the reaction", ({ eventId, reactions }) => {
      return eventId === question && reactions.some(({ key }) => key === "👍");
    });
  });
  await step("Jo says too much and removes it, the copy goes too", async () => {
    const secret = await jo.say(workshop.room, "I dropped it.");
    const copy = await sees(ana, kitchen.room, "Jo's slip", ({ body }) => body.includes("I dropped it."));
    await jo.redact(workshop.room, secret);
    await sees(ana, kitchen.room, "the redaction", ({ eventId, redacted }) => eventId === copy.eventId && redacted);
  });
  await step("Kim says one thing in Kitchen from another device, Jo reads it as Kim's own", async () => {
    await kim.say(kitchen.room, "Tea at five, both of you.");
    await sees(jo, workshop.room, "Kim's message", ({ body }) => body === "Tea at five, both of you.");
  });
}

function says(message: SeenMessage, text: string, replyTo: string): boolean {
  return message.body.includes(text) && message.replyTo === replyTo;
}

async function find(person: Person, room: string, text: string): Promise<SeenMessage> {
  return person.waitForMessage(room, text, LIMIT_MS);
}

async function sees(
  person: Person,
  room: string,
  what: string,
  fits: (message: SeenMessage) => boolean,
): Promise<SeenMessage> {
  return person.waitForMessage(room, fits, LIMIT_MS, what);
}
