/** Every name of MSC2923 that Ferry puts on the wire, and the unstable names of other MSCs that it uses. */

const PREFIX = "org.matrix.msc2923";

/** State event: a link as one of its rooms sees it. State key: the link id. */
export const CONNECTION = `${PREFIX}.connection`;
/** Field of a copy: where it comes from. */
export const ORIGIN = `${PREFIX}.origin`;
/** Field of the disclosure notice and of every other message that Ferry writes in its own name. */
export const NOTICE = `${PREFIX}.notice`;
/** Field of a message that proposes a link. */
export const PROPOSAL = `${PREFIX}.proposal`;
/** Field of a message that answers a proposal. */
export const CONSENT = `${PREFIX}.consent`;

/** To-device event: a proposal for the receiver stands in a room. Encrypted with Olm. */
export const RING = `${PREFIX}.ring`;

/** Field of a description of the account's recovery key (`m.secret_storage.key.…`): nobody has written it down yet. */
export const NOT_WRITTEN_DOWN = `${PREFIX}.not_written_down`;

/** MSC4144: the person whom a message sent by somebody else's account belongs to. */
export const PER_MESSAGE_PROFILE = "com.beeper.per_message_profile";
/** MSC4144: the HTML attribute that marks the readable fallback, which clients that know the profile leave out. */
export const PROFILE_FALLBACK_ATTRIBUTE = "data-mx-profile-fallback";

/** MSC4193: a picture that is shown only on a click, and why. */
export const MEDIA_SPOILER = "page.codeberg.everypizza.msc4193.spoiler";
export const MEDIA_SPOILER_REASON = "page.codeberg.everypizza.msc4193.spoiler.reason";
/** MSC3245: a voice message; what is known of its sound. */
export const VOICE = "org.matrix.msc3245.voice";
export const VOICE_AUDIO = "org.matrix.msc1767.audio";

/** MSC3488: a place, whether it is the sender's own or just one on the map, and since when. */
export const LOCATION = "org.matrix.msc3488.location";
export const LOCATION_ASSET = "org.matrix.msc3488.asset";
export const LOCATION_TS = "org.matrix.msc3488.ts";
/** MSC3489, state event: whether its sender shares a live location. */
export const LIVE_LOCATION = "org.matrix.msc3672.beacon_info";
/** MSC1767: the words of a message, for clients that read its other fields first. */
export const PLAIN_TEXT = "org.matrix.msc1767.text";

/** MSC3381: polls, in the form that is in use; the stable one is in bridge/poll.ts. */
export const POLL_START = "org.matrix.msc3381.poll.start";
export const POLL_RESPONSE = "org.matrix.msc3381.poll.response";
export const POLL_END = "org.matrix.msc3381.poll.end";
export const POLL_DISCLOSED = "org.matrix.msc3381.poll.disclosed";
export const POLL_UNDISCLOSED = "org.matrix.msc3381.poll.undisclosed";
