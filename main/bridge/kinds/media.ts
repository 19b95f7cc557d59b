import { isObject, type Json, type JsonObject } from "../../matrix/event.ts";
import { readFileReference } from "../../matrix/media.ts";
import { MEDIA_SPOILER, MEDIA_SPOILER_REASON, VOICE, VOICE_AUDIO } from "../../matrix/unstable.ts";
import type { Message } from "../size.ts";
import { cut, defuseRoomMention, oneLine, wellFormed } from "../text.ts";
import { wholeNumber, withoutNulls, writeWords, type CarriedFile, type Kind, type Reader } from "./kind.ts";

const MEDIA: readonly unknown[] = ["m.image", "m.file", "m.audio", "m.video"];

/** How many characters of a file's name, and of why a picture is hidden, are kept. */
const NAME_LIMIT = 255;
const MIME_TYPE = /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/;
/** Base 83, as its authors define it (MSC2448). */
const BLURHASH = /^[\w#$%*+,\-.:;=?@[\]^{|}~]{6,120}$/;
const WAVEFORM_LIMIT = 1024;
const MOST_IN_WAVEFORM = 1024;

/** Pictures, files, sound, videos and stickers (client-server API, "m.room.message msgtypes"). */
export const media: Kind = (type, content, reader) => {
  const isSticker = type === "m.sticker";
  if (!isSticker && (type !== "m.room.message" || !MEDIA.includes(content["msgtype"]))) return null;
  const source = readFileReference(content["url"], content["file"]);
  if (source === null || typeof content["body"] !== "string") return null;
  const msgtype = isSticker ? "m.image" : (content["msgtype"] as string);
  const { name, caption } = wordsOf(content, isSticker, reader);
  const info = isObject(content["info"]) ? content["info"] : {};
  const file: CarriedFile = { source, role: "file", paths: [[]], name, ...sizeOf(info) };
  const thumbnail = thumbnailOf(info, name);
  const fields = { info: writeInfo(info, thumbnail !== null), ...spoilerOf(content), ...voiceOf(content, msgtype) };
  // A sticker has no place for words: where there are some to be said, it goes as the picture that it is.
  const staysSticker = isSticker && !reader.mustBeMessage;
  return {
    type: staysSticker ? "m.sticker" : "m.room.message",
    message: caption,
    write: (message) =>
      staysSticker ? { body: name, info: fields.info } : { msgtype, ...writeCaption(message, name), ...fields },
    files: thumbnail === null ? [file] : [file, thumbnail],
  };
};

/** What a stand-in says of a file. */
export function fileOf(files: readonly CarriedFile[]): CarriedFile | null {
  return files.find(({ role }) => role === "file") ?? null;
}

/** A body is a caption where the file's name stands beside it (specification, "Media captions"). */
function wordsOf(content: JsonObject, isSticker: boolean, { words }: Reader): { name: string; caption: Message } {
  const { body, filename } = content;
  const none: Message = { body: "", html: null };
  if (isSticker || typeof filename !== "string" || filename === body) return { name: nameOf(body), caption: none };
  const caption = words(content);
  // All that it said was whose it is.
  return { name: nameOf(filename), caption: caption.body.trim() === "" ? none : caption };
}

function nameOf(value: unknown): string {
  const name = cut(oneLine(typeof value === "string" ? value : ""), NAME_LIMIT);
  return name === "" ? "file" : defuseRoomMention(name);
}

function writeCaption(message: Message, filename: string): JsonObject {
  return { ...writeWords(message.body === "" ? { body: filename, html: null } : message), filename };
}

function thumbnailOf(info: JsonObject, name: string): CarriedFile | null {
  const source = readFileReference(info["thumbnail_url"], info["thumbnail_file"]);
  if (source === null) return null;
  const about = isObject(info["thumbnail_info"]) ? info["thumbnail_info"] : {};
  return { source, role: "thumbnail", paths: [["info"]], name: `thumbnail of ${name}`, ...sizeOf(about) };
}

function sizeOf(info: JsonObject): Pick<CarriedFile, "mimetype" | "size"> {
  return { mimetype: matching(info["mimetype"], MIME_TYPE), size: wholeNumber(info["size"]) };
}

function writeInfo(info: JsonObject, hasThumbnail: boolean): JsonObject {
  const about = info["thumbnail_info"];
  const animated = info["is_animated"] ?? info["org.matrix.msc4230.is_animated"];
  return withoutNulls({
    ...dimensions(info),
    duration: wholeNumber(info["duration"]),
    "xyz.amorgan.blurhash": matching(info["xyz.amorgan.blurhash"] ?? info["blurhash"], BLURHASH),
    is_animated: typeof animated === "boolean" ? animated : null,
    thumbnail_info: hasThumbnail && isObject(about) ? withoutNulls(dimensions(about)) : null,
  });
}

function dimensions(info: JsonObject): Record<string, Json> {
  return {
    ...{ mimetype: matching(info["mimetype"], MIME_TYPE), size: wholeNumber(info["size"]) },
    ...{ w: wholeNumber(info["w"], 1_000_000), h: wholeNumber(info["h"], 1_000_000) },
  };
}

/** MSC4193: a picture that is shown only on a click. */
function spoilerOf(content: JsonObject): JsonObject {
  if (content[MEDIA_SPOILER] !== true) return {};
  const reason = content[MEDIA_SPOILER_REASON];
  if (typeof reason !== "string") return { [MEDIA_SPOILER]: true };
  return { [MEDIA_SPOILER]: true, [MEDIA_SPOILER_REASON]: cut(wellFormed(reason), NAME_LIMIT) };
}

/** MSC3245: a voice message, with how loud it is from moment to moment. */
function voiceOf(content: JsonObject, msgtype: string): JsonObject {
  if (msgtype !== "m.audio" || !isObject(content[VOICE])) return {};
  const audio = isObject(content[VOICE_AUDIO]) ? content[VOICE_AUDIO] : {};
  return {
    [VOICE]: {},
    [VOICE_AUDIO]: withoutNulls({
      duration: wholeNumber(audio["duration"]),
      waveform: waveformOf(audio["waveform"]),
    }),
  };
}

function waveformOf(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  return value.slice(0, MOST_IN_WAVEFORM).map((height) => wholeNumber(height, WAVEFORM_LIMIT) ?? 0);
}

function matching(value: unknown, form: RegExp): string | null {
  return typeof value === "string" && form.test(value) ? value : null;
}
