import sanitizeHtml from "sanitize-html";
import type { UserId } from "../matrix/ids.ts";
import { PROFILE_FALLBACK_ATTRIBUTE } from "../matrix/unstable.ts";
import { readPermalink, userLink } from "./permalink.ts";
import { defuseRoomMention, wellFormed } from "./text.ts";

/** Tags that the specification permits in a formatted body (client-server API, "m.room.message msgtypes"). */
export const PERMITTED_TAGS = [
  ...["del", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "p", "a", "ul", "ol", "sup", "sub", "li", "b", "i"],
  ...["u", "strong", "em", "s", "code", "hr", "br", "div", "table", "thead", "tbody", "tr", "th", "td", "caption"],
  ...["pre", "span", "img", "details", "summary"],
];

/** Attributes that the specification permits, and the one for custom emoji (MSC2545). */
export const PERMITTED_ATTRIBUTES: Record<string, string[]> = {
  span: ["data-mx-bg-color", "data-mx-color", "data-mx-spoiler", "data-mx-maths"],
  a: ["href", "target"],
  img: ["width", "height", "alt", "title", "src", "data-mx-emoticon"],
  ol: ["start"],
  code: ["class"],
  div: ["data-mx-maths"],
};

/** How deep tags may be nested, by the specification. */
const NESTING_LIMIT = 100;

/** HTML with more tags than this is no message that anybody wrote. Taking it apart would hold up everything else. */
const MOST_TAGS = 4000;

const LINK_SCHEMES = ["https", "http", "ftp", "mailto", "magnet"];

/** The form that an attribute's value must have; attributes that are not named here may have any. */
const VALUE_FORMS = new Map<string, RegExp>(
  Object.entries({
    "data-mx-color": /^#[0-9a-f]{6}$/i,
    "data-mx-bg-color": /^#[0-9a-f]{6}$/i,
    href: new RegExp(`^(?:${LINK_SCHEMES.join("|")}):`, "i"),
    src: /^mxc:\/\/[^/?#\s]+\/[^/?#\s]+$/,
    start: /^-?\d{1,9}$/,
    width: /^\d{1,4}$/,
    height: /^\d{1,4}$/,
  }),
);

export interface HtmlRules {
  /** Whether a link to this user stays a link; otherwise its text remains. */
  keepUser(user: UserId): boolean;
  /** Whether "@room" may stand in the text. */
  allowRoomMention: boolean;
  /** Whether to leave out what MSC4144 marks as the readable name before the text. */
  dropProfileFallback: boolean;
}

/**
 * Reduces a formatted body to what the specification permits. The quotation of a reply (`<mx-reply>`) goes with its
 * content; of any other tag that is not permitted, the content stays.
 *
 * @returns nothing where it has too many tags: then the plain text has to do
 */
export function cleanHtml(html: string, rules: HtmlRules): string {
  if (html.split("<", MOST_TAGS + 2).length > MOST_TAGS + 1) return "";
  const everywhere = rules.dropProfileFallback ? [PROFILE_FALLBACK_ATTRIBUTE] : [];
  const clean = sanitizeHtml(wellFormed(html), {
    allowedTags: PERMITTED_TAGS,
    // The mark of a fallback is let through only so that `omit` can see it.
    allowedAttributes: { ...PERMITTED_ATTRIBUTES, "*": everywhere },
    allowedClasses: { code: ["language-*"] },
    allowedSchemes: LINK_SCHEMES,
    allowedSchemesByTag: { img: ["mxc"] },
    allowProtocolRelative: false,
    nestingLimit: NESTING_LIMIT,
    nonTextTags: ["script", "style", "textarea", "option", "xmp", "noscript", "title", "mx-reply"],
    transformTags: {
      font: (_, attributes) => ({ tagName: "span", attribs: checkValues(fontToSpan(attributes)) }),
      strike: (_, attributes) => ({ tagName: "s", attribs: attributes }),
      a: (_, attributes) => ({ tagName: "a", attribs: checkValues(checkLink(attributes, rules)) }),
      "*": (tagName, attributes) => ({ tagName, attribs: checkValues(attributes) }),
    },
    exclusiveFilter: (frame) => omit(frame.tag, frame.attribs),
  });
  const wellFormedHtml = wellFormed(clean).trim();
  return rules.allowRoomMention ? wellFormedHtml : defuseText(wellFormedHtml);
}

/** Whether there is anything to see in HTML that has been cleaned. */
export function showsSomething(html: string): boolean {
  return /<(?:img|hr|[^>]* data-mx-maths=)/.test(html) || html.replace(/<[^>]*>/g, "").trim() !== "";
}

/** Takes the effect out of "@room" between the tags: after cleaning, since a tag that went may have stood inside it. */
function defuseText(html: string): string {
  return html.replace(/<[^>]*>|[^<]+/g, (part) => (part.startsWith("<") ? part : defuseRoomMention(part)));
}

/** A link without an address and an image without a source are no link and no image; a fallback is to go. */
function omit(tag: string, attributes: sanitizeHtml.Attributes): boolean | "excludeTag" {
  if (Object.hasOwn(attributes, PROFILE_FALLBACK_ATTRIBUTE)) return true;
  if (tag === "a" && attributes["href"] === undefined) return "excludeTag";
  return tag === "img" && attributes["src"] === undefined;
}

function checkValues(attributes: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name, value]) => VALUE_FORMS.get(name)?.test(value.trim()) ?? true),
  );
}

function checkLink(attributes: sanitizeHtml.Attributes, rules: HtmlRules): sanitizeHtml.Attributes {
  const { href, ...others } = attributes;
  if (href === undefined) return others;
  const permalink = readPermalink(href.trim());
  if (permalink === null) return attributes;
  if (permalink.kind === "other") return { ...others, href: permalink.href };
  return permalink.user !== null && rules.keepUser(permalink.user)
    ? { ...others, href: userLink(permalink.user) }
    : others;
}

/** `<font>` is deprecated since version 1.10 of the specification; its colours live on in `<span>`. */
function fontToSpan(attributes: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  const color = attributes["data-mx-color"] ?? attributes["color"];
  return color === undefined ? attributes : { ...attributes, "data-mx-color": color };
}
