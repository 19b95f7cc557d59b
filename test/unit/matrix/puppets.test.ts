import { expect, test } from "vitest";
import type { UserId } from "../../../main/matrix/ids.ts";
import { puppetName } from "../../../main/matrix/puppets.ts";

const alone = (): boolean => false;

test.each([
  ["@whatsapp_4912345:one.test", "Ana (WhatsApp)", "Ana"],
  ["@_whatsapp_4912345:one.test", "Ana (WA)", "Ana"],
  ["@telegram_17:one.test", "Ana (Telegram)", "Ana"],
  ["@signal_0a-1b:one.test", "Ana (Signal)", "Ana"],
  ["@_discord_99:one.test", "Ana (Discord)", "Ana"],
  ["@discord_99:one.test", "Ana B. (discord)", "Ana B."],
  ["@facebook_1:one.test", "Ana (FB)", "Ana"],
  ["@meta_1:one.test", "Ana (Messenger)", "Ana"],
  ["@instagram_1:one.test", "Ana (Instagram)", "Ana"],
  ["@slack_t1-u1:one.test", "Ana (Slack)", "Ana"],
  ["@gmessages_1.2:one.test", "Ana (SMS)", "Ana"],
  ["@irc_libera_ana:one.test", "ana (IRC)", "ana"],
  ["@_xmpp_ana=40two.test:one.test", "ana (XMPP)", "ana"],
])("the name of %s: %s", (sender, name, bare) => {
  expect(puppetName(name, sender as UserId, alone)).toBe(bare);
});

test.each([
  ["an ordinary user", "@ana:one.test", "Ana (WhatsApp)"],
  ["a user whose name only begins like it", "@whatsappfan:one.test", "Ana (WhatsApp)"],
  ["another network than that of the id", "@telegram_1:one.test", "Ana (WhatsApp)"],
  ["other words in brackets", "@whatsapp_1:one.test", "Ana (work)"],
  ["what tells two people of one name apart", "@whatsapp_1:one.test", "Ana (@whatsapp_1:one.test)"],
  ["nothing but the suffix", "@whatsapp_1:one.test", " (WhatsApp)"],
  ["no suffix", "@whatsapp_1:one.test", "WhatsApp"],
])("stays: %s", (_what, sender, name) => {
  expect(puppetName(name, sender as UserId, alone)).toBe(name);
});

test.each(["Ana", "Ana (Signal)"])("stays where %s is another member", (other) => {
  const name = "Ana (WhatsApp)";
  expect(puppetName(name, "@whatsapp_1:one.test" as UserId, (taken) => taken === other)).toBe(name);
});
