import { z } from "zod";
import * as v from "./values.ts";

/** An event, and how far it can be trusted to be what its sender meant to say. */
export const examination = z.object({
  sender: v.userId,
  type: z.string(),
  /** Null where it is no state event. */
  stateKey: z.string().nullable(),
  content: v.jsonObject,
  encrypted: z.boolean(),
  redacted: z.boolean(),
  originServerTs: z.number(),
  /** The sender's membership and power level at that event (null: a creator above all levels), and what an approver needed. */
  membership: z.string(),
  power: z.number().nullable(),
  required: z.number(),
  /** The SDK's shield for an encrypted event: anything but `none` means that its device may not be its sender's. */
  shield: z.enum(["none", "grey", "red"]),
  /** Why, in a word of the crypto library; null without a shield. */
  shieldReason: z.string().nullable(),
});
export type Examination = z.output<typeof examination>;
