import { z } from "zod";
import { linkSettings } from "./link-views.ts";
import * as v from "./values.ts";

/** The file that `linksExport` writes, from which the links can be made again elsewhere. Whoever reads one checks it by this. */
export const linksFile = z.object({
  version: z.literal(1),
  links: z
    .array(
      z.object({
        name: z.string().max(120),
        direction: z.enum(["two-way", "one-way"]),
        /** Of a one-way link the first one is the source. */
        rooms: z
          .array(z.object({ roomId: v.roomId, alias: v.roomAlias.optional(), name: z.string().max(1000) }))
          .min(2)
          .max(100),
        /** What is told besides messages. */
        tells: v.toldChanges.optional(),
        settings: linkSettings.optional(),
      }),
    )
    .max(1000),
});
export type LinksFile = z.output<typeof linksFile>;
