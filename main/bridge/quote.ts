import { cleanLabel } from "./attribution.ts";
import { cut, defuseRoomMention, escapeHtml, oneLine } from "./text.ts";
import type { CopyTexts } from "./texts/texts.ts";

/** What a reply answers, where that has no counterpart in the destination. */
export interface Quote {
  /** Display name of who wrote it. */
  sender: string;
  /** Null where it may not be shown in the destination. */
  text: string | null;
}

const TEXT_LIMIT = 140;

/** The quotation as plain text, one line. A quotation pings nobody, whatever the link allows. */
export function quoteBody(quote: Quote, { unseen, somebody }: CopyTexts): string {
  if (quote.text === null) return `> ${unseen}`;
  return `> ${cleanLabel(quote.sender, somebody)}: ${shownText(quote.text)}`;
}

/** The quotation as HTML. */
export function quoteHtml(quote: Quote, { unseen, somebody }: CopyTexts): string {
  if (quote.text === null) return `<blockquote>${escapeHtml(unseen)}</blockquote>`;
  const sender = escapeHtml(cleanLabel(quote.sender, somebody));
  return `<blockquote><strong>${sender}:</strong> ${escapeHtml(shownText(quote.text))}</blockquote>`;
}

function shownText(text: string): string {
  return defuseRoomMention(cut(oneLine(text), TEXT_LIMIT));
}
