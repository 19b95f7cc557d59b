import { InvalidArgumentError, Option } from "commander";
import { TOLD_CHANGES, toldChanges, type ToldChange } from "../matrix/told-changes.ts";

/** The option `--tell`: what the other rooms of a link are told of besides messages. It is a part of what rooms agree to. */
export function tellOption(): Option {
  const about = `tell the other rooms of these, too: ${TOLD_CHANGES.join(", ")}; with commas between, or “none”`;
  return new Option("--tell <what>", about).argParser(parseTold);
}

function parseTold(text: string): ToldChange[] {
  if (text === "none") return [];
  const named = text.split(",").map((name) => name.trim());
  const told = toldChanges(named);
  if (named.every((name) => told.some((change) => change === name))) return told;
  throw new InvalidArgumentError(`It is one or more of ${TOLD_CHANGES.join(", ")}, with commas between; or “none”.`);
}
