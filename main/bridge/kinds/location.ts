import { isObject, type JsonObject } from "../../matrix/event.ts";
import { LOCATION, LOCATION_ASSET, LOCATION_TS, PLAIN_TEXT } from "../../matrix/unstable.ts";
import { cut, defuseRoomMention, oneLine } from "../text.ts";
import { wholeNumber, withoutNulls, type Kind } from "./kind.ts";

/** How many characters of a place's description are kept. */
const DESCRIPTION_LIMIT = 255;

const NUMBER = String.raw`-?\d{1,9}(?:\.\d{1,20})?`;
/** RFC 5870: two or three coordinates, then parameters. */
const GEO_URI = new RegExp(
  `^geo:(${NUMBER}),(${NUMBER})(?:,(${NUMBER}))?((?:;[\\w-]+(?:=[\\w.~%:+!$*'()-]+)?)*)$`,
  "i",
);
const UNCERTAINTY = /^u=(\d{1,9}(?:\.\d{1,20})?)$/i;

/** A place (client-server API, "m.location", and MSC3488). */
export const location: Kind = (type, content, { words, isForAnother }) => {
  if (type !== "m.room.message" || content["msgtype"] !== "m.location" || typeof content["body"] !== "string")
    return null;
  const said = content[LOCATION];
  const place = isObject(said) ? said : {};
  const uri = readGeoUri(content["geo_uri"]) ?? readGeoUri(place["uri"]);
  if (uri === null) return null;
  const asset = content[LOCATION_ASSET];
  const isPin = isForAnother || (isObject(asset) && asset["type"] === "m.pin");
  const more = withoutNulls({ [LOCATION_TS]: wholeNumber(content[LOCATION_TS]) });
  return {
    type,
    message: words(content),
    write: ({ body }): JsonObject => ({
      ...{ msgtype: "m.location", body, geo_uri: uri },
      [LOCATION]: withoutNulls({ uri, description: describedAs(place["description"]) }),
      // What shows where its sender is would show the carrier there.
      [LOCATION_ASSET]: { type: isPin ? "m.pin" : "m.self" },
      [PLAIN_TEXT]: body,
      ...more,
    }),
    files: [],
  };
};

/** The place that an address names, without what else stands in it; null where it is none on Earth. */
export function readGeoUri(value: unknown): string | null {
  const [, latitude, longitude, altitude, parameters = ""] =
    (typeof value === "string" ? GEO_URI.exec(value) : null) ?? [];
  if (latitude === undefined || longitude === undefined) return null;
  if (Math.abs(Number(latitude)) > 90 || Math.abs(Number(longitude)) > 180) return null;
  const named = parameters.split(";").filter((parameter) => parameter !== "");
  // Coordinates of another reference system would be another place here.
  if (named.some((parameter) => /^crs=(?!wgs84$)/i.test(parameter))) return null;
  const uncertainty = named.map((parameter) => UNCERTAINTY.exec(parameter)?.[1]).find((metres) => metres !== undefined);
  const coordinates = [latitude, longitude, ...(altitude === undefined ? [] : [altitude])].join(",");
  return `geo:${coordinates}${uncertainty === undefined ? "" : `;u=${uncertainty}`}`;
}

function describedAs(value: unknown): string | null {
  const text = cut(oneLine(typeof value === "string" ? value : ""), DESCRIPTION_LIMIT);
  return text === "" ? null : defuseRoomMention(text);
}
